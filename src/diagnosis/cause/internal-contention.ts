// Sessions wait for latches inside the server: buffer mapping, the lock manager, SLRU caches, snapshots.
import type { SessionSample, Tick } from '../../model/index.ts'
import { type Case, meanOver } from '../case.ts'
import { mostOften } from '../met.ts'
import { beyond, cannotTell, found, type Judgement, type Rule, ramp, ruledOut, speaksFor } from '../rule.ts'
import { percent, round1 } from '../say.ts'
import { CPU, LOCKS } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import type { View } from '../signal/view.ts'
import { tally } from '../tally.ts'

/** Waiters that make a queue worth naming, and the share of the load below which they are a side matter. */
const QUEUE = 1.5
const SIDE_MATTER = 0.3

/** Share of the sessions that came on top which wait for latches. */
function latched(x: View) {
  const [before, during] = [x.before('aas_lwlock'), x.during('aas_lwlock')]
  if (before === undefined || during === undefined || !x.added || x.added < 1) return undefined
  return ramp((during - before) / x.added, 0.3, 0.7)
}

const mechanism: Mechanism = {
  title: 'sessions wait for latches inside the server',
  claims: x => [
    shows(x.rises('aas_lwlock', 3), 'sessions wait for latches', 2),
    needs(latched(x), 'most of those on top', 2),
    needs(x.slower, 'calls fall or take longer'),
    contradicts(x.rises('aas_lock', 3), 'sessions wait for locks', 0.5),
    contradicts(x.rises('aas_io', 3), 'sessions wait for storage', 0.5),
  ],
  raises: [...CPU, ...LOCKS, 'aas_lwlock', 'aas_ipc'],
  remedies: ['pool-size', 'scale-up'],
}

export const internalContention: Rule = { cause: 'internal-contention', judge, mechanism }

/** Of the waits for other processes, those in which one session does a step for a group of them. */
const isLatched = ({ waitClass, waitEvent = '' }: SessionSample): boolean =>
  waitClass === 'LWLock' || (waitClass === 'IPC' && /GroupUpdate$/.test(waitEvent))

function judge(c: Case): Judgement {
  if (!c.during.some(tick => tick.sessions)) return cannotTell('sessions with what they wait for')
  // Most ticks have none of these classes: no need to look at every session.
  const latchedIn = (tick: Tick) => {
    const { LWLock = 0, IPC = 0 } = tally(tick).byWaitClass ?? {}
    return LWLock + IPC > 0 ? (tick.sessions?.filter(isLatched).length ?? 0) : 0
  }
  const [waiting, before] = [meanOver(c.during, latchedIn), meanOver(c.before, latchedIn)]
  const share = waiting / Math.max(c.loadDuring.aas, 1e-9)
  if (waiting < QUEUE || share < SIDE_MATTER || waiting < 2 * before)
    return ruledOut(`${round1(waiting)} sessions wait for latches on average, ${percent(share)} of the load`)
  const waits = c.during.flatMap(({ sessions = [] }) =>
    sessions.filter(isLatched).map(({ waitEvent }) => ({ waitEvent, count: 1 })),
  )
  const event = mostOften(waits, one => one.waitEvent)
  const kind = event === undefined ? undefined : kindOf(event)
  return found({
    ...(kind ? { kind } : {}),
    confidence: 0.55 + 0.4 * ramp(share, SIDE_MATTER, 0.7),
    onset: c.incident.from,
    title: `${round1(waiting)} sessions wait for latches inside the server${event ? `, most for ${event}` : ''}`,
    because: `${round1(waiting)} sessions at once wait for latches inside the server${event ? `, most of them for ${event}` : ''}`,
    evidence: [
      speaksFor(
        `${round1(waiting)} sessions wait for latches on average (${percent(share)} of the load); before it ${round1(before)}`,
      ),
    ],
    subject: event === undefined ? {} : { object: event },
    remedies: ['pool-size', 'scale-up'],
    gone: tick => beyond(tick, before, isLatched),
  })
}

/** Names of PostgreSQL 12 beside those of 13 and later. */
const KINDS: [RegExp, string][] = [
  [/slru|subtrans|multixact|clog|xactbuffer|commit_?ts|notify|async/i, 'slru'],
  [/lock_?manager|fastpath/i, 'lock-manager'],
  [/buffer/i, 'buffer'],
  [/procarray|xidgen/i, 'snapshot'],
]

const kindOf = (event: string): string | undefined => KINDS.find(([pattern]) => pattern.test(event))?.[1]
