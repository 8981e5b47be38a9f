// Commits wait for the log to reach the disk, or for a standby to answer.
import type { SessionSample, Tick } from '../../model/index.ts'
import { blockingOf, type Case, meanOver } from '../case.ts'
import { ratioOf } from '../effort.ts'
import {
  beyond,
  cannotTell,
  found,
  type Judgement,
  type Rule,
  ramp,
  ruledOut,
  speaksAgainst,
  speaksFor,
} from '../rule.ts'
import { round1 } from '../say.ts'
import { LOCKS } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { most, type View } from '../signal/view.ts'
import { commitsWait, unless } from '../signal/waiting.ts'
import { tally } from '../tally.ts'
import { hasGrown, work } from '../work.ts'

const mechanism: Mechanism = {
  title: 'commits wait for the log',
  claims: x => [
    shows(
      most(x.rises('aas_commit', 3), x.rises('log_pending', 3)),
      'sessions wait for the log to be flushed',
      2,
    ),
    needs(x.slower, 'calls fall or take longer'),
    ...elsewhere(x).map(claim => ({ ...claim, degree: unless(claim.degree, commitsWait(x)) })),
  ],
  raises: [...LOCKS, 'aas_commit', 'log_pending', 'disk_write_latency_ms'],
  remedies: [],
}

/** Other work that would account for it, where nobody tells on what the additional sessions wait. */
const elsewhere = (x: View) => [
  contradicts(x.rises('log_bytes_per_s'), 'more is written to the log', 0.6),
  contradicts(x.rises('cpu_pct'), 'the CPU has more to do', 0.5),
  contradicts(
    x.risesPer('pages_flushed_per_s', 'rows_changed_per_s', 4),
    'pages are written back that nobody changes now',
    0.7,
  ),
  contradicts(x.rises('buffer_misses_per_s'), 'more is read from storage', 0.5),
  contradicts(x.rises('aas_io'), 'sessions wait for data files as well', 0.6),
  contradicts(
    most(x.rises('disk_queue_depth'), x.rises('cpu_iowait_pct'), x.rises('disk_write_bytes_per_s', 3)),
    'all of the storage is busier',
    0.6,
  ),
]

export const commitStall: Rule = { cause: 'commit-stall', judge, mechanism }

/** Share of the additional sessions, locks aside, that have to wait for their commit. */
const MAIN_MATTER = 0.5

/** Commits wait, and behind them whoever wants the rows that they still hold. */
function judge(c: Case): Judgement {
  if (!c.during.some(tick => tick.sessions)) return cannotTell('sessions with what they wait for')
  const [before, during] = [meanOver(c.before, committing), meanOver(c.during, committing)]
  const grown = { aas: during, aasBefore: before }
  const w = work(c)
  const share = (during - before) / Math.max(w.aas - w.aasBefore, 1e-9)
  if (!hasGrown(grown) || share < MAIN_MATTER)
    return ruledOut(`${round1(during)} sessions wait for their commit, before it ${round1(before)}`)
  const written = ratioOf(c, ['rows_changed_per_s'])
  const kind = standbyWaits(c) > during / 2 ? 'standby' : 'log'
  return found({
    kind,
    confidence: (0.6 + 0.4 * ramp(share, MAIN_MATTER, 0.8)) * (1 - 0.6 * ramp(written ?? 1, 1.5, 3)),
    onset: c.incident.from,
    title: `${round1(during)} commits at once wait ${kind === 'standby' ? 'for a standby' : 'for the log'}`,
    because: `${round1(during)} sessions at once wait for their commit ${kind === 'standby' ? 'to be confirmed by a standby' : 'to reach the log'}`,
    evidence: [
      speaksFor(`waiting for commits: ${round1(before)} → ${round1(during)} sessions on average`),
      ...(written === undefined
        ? []
        : [(written < 1.5 ? speaksFor : speaksAgainst)(`rows changed: ${round1(written)}× of before`)]),
    ],
    remedies: mechanism.remedies,
    gone: tick => ({ sessions: [...(beyond(tick, before, isCommitting).sessions ?? []), ...heldUp(tick)] }),
  })
}

const isCommitting = ({ state, waitClass }: SessionSample): boolean =>
  state === 'active' && waitClass === 'Commit'
const committing = (tick: Tick): number => (tick.sessions ? (tally(tick).byWaitClass?.Commit ?? 0) : 0)
const standbyWaits = (c: Case): number =>
  meanOver(c.during, tick => tick.sessions?.filter(({ waitEvent }) => waitEvent === 'SyncRep').length ?? 0)

/** Who waits for a lock behind a session that waits for its commit. */
function heldUp(tick: Tick): SessionSample[] {
  const { heads, queueOf } = blockingOf(tick)
  return heads
    .filter(({ session }) => isCommitting(session))
    .flatMap(({ session }) => queueOf.get(session.id) ?? [])
}
