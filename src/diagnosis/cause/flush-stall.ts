// A flush of log or tables, a checkpoint, a write-back of dirty pages holds everyone up.
import type { SessionSample, Tick } from '../../model/index.ts'
import { blockingOf, type Case, meanOver } from '../case.ts'
import { jobFinding, jobOf } from '../job.ts'
import { cannotTell, found, type Judgement, type Rule, ramp, speaksFor } from '../rule.ts'
import { round1 } from '../say.ts'
import { shapeOf } from '../shape.ts'
import { STORAGE, WRITES } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { both, most, not, type View } from '../signal/view.ts'
import { tally } from '../tally.ts'
import { hasGrown } from '../work.ts'

const mechanism: Mechanism = {
  title: 'the server writes back what was changed before, and nobody gets on meanwhile',
  claims: x => [
    shows(
      most(
        both(x.falls('calls', 10), writesOn(x)),
        both(x.falls('calls', 1.5), x.rises('pages_flushed_per_s', 3)),
      ),
      'hardly any call is finished and the server writes on, or it writes far more and calls fall',
      3,
    ),
    needs(
      most(
        x.risesPer('pages_flushed_per_s', 'rows_changed_per_s', 4),
        x.risesPer('data_written_bytes_per_s', 'rows_changed_per_s', 4),
        x.risesPer('pages_flushed_per_s', 'calls', 4),
      ),
      'and not for what is changed now',
      2,
    ),
    contradicts(x.rises('rows_read_scan_per_s', 3), 'tables are read through'),
    contradicts(x.rises('net_sent_bytes_per_s', 3), 'results are sent away'),
    contradicts(x.rises('rows_inserted_per_s', 2), 'rows are loaded'),
    contradicts(both(x.rises('lock_waiters', 2), x.rises('aas', 2)), 'sessions pile up behind a lock', 0.6),
    contradicts(x.rises('log_bytes_per_s', 2), 'the log grows faster', 0.8),
    contradicts(
      both(x.risesPer('log_bytes_per_s', 'rows_changed_per_s', 4), not(x.falls('rows_changed_per_s', 10))),
      'each change writes more log',
      0.8,
    ),
    contradicts(x.rises('cpu_pct', 1.5), 'the CPU has more to do', 0.7),
    contradicts(
      both(
        x.rises('disk_write_bytes_per_s', 3),
        x.risesPer('disk_write_bytes_per_s', 'data_written_bytes_per_s'),
      ),
      'somebody else writes',
      0.7,
    ),
  ],
  raises: [
    ...WRITES,
    ...STORAGE,
    'log_fsyncs_per_s',
    'log_writes_per_s',
    'log_pending',
    'aas_commit',
    'aas_lwlock',
    'lock_waiters',
  ],
  remedies: [],
}

const writesOn = (x: View) => most(x.holds('pages_flushed_per_s'), x.holds('data_written_bytes_per_s'))

export const flushStall: Rule = { cause: 'flush-stall', judge, mechanism }

/** Share of the samples in which somebody flushes, and of the additional sessions that wait behind it. */
const MAIN_MATTER = 0.5

/** Somebody tells the server to flush. That it flushes by itself no session says: the counters do. */
function judge(c: Case): Judgement {
  if (!c.during.some(tick => tick.sessions)) return cannotTell('sessions with their statements')
  const job = jobOf(c, ['flush'])
  if (!job) return behind(c)
  return found({
    ...jobFinding(c, job, 'make the server flush'),
    confidence: 0.6 + 0.4 * ramp(job.share, 0.4, 0.8),
    title: mechanism.title,
    remedies: mechanism.remedies,
  })
}

/** One session is enough, where all others wait until it is done. */
function behind(c: Case): Judgement {
  const flushes = (tick: Tick) => (flushesIn(tick).length > 0 ? 1 : 0)
  const grown = (of: (tick: Tick) => number) => meanOver(c.during, of) - meanOver(c.before, of)
  const [before, during] = [meanOver(c.before, heldUpIn), meanOver(c.during, heldUpIn)]
  const share = (during - before) / Math.max(grown(activeIn), 1e-9)
  if (grown(flushes) < MAIN_MATTER || !hasGrown({ aas: during, aasBefore: before }) || share < MAIN_MATTER)
    return cannotTell('whether the server writes back on its own')
  const flush = c.during.flatMap(flushesIn).at(-1)!
  const { user, application, statementId, statement } = flush
  return found({
    confidence: 0.6 + 0.4 * ramp(share, MAIN_MATTER, 0.8),
    onset: c.incident.from,
    title: mechanism.title,
    because: `${round1(during)} sessions at once wait until a flush is done that ${application ?? user ?? 'somebody'} asked for`,
    evidence: [
      speaksFor(`waiting behind ${statement}: ${round1(before)} → ${round1(during)} sessions on average`),
    ],
    subject: {
      ...(user !== undefined && { user }),
      ...(application !== undefined && { application }),
      ...(statementId !== undefined && { statementId }),
      ...(statement !== undefined && { statement }),
    },
    remedies: mechanism.remedies,
    gone: tick => ({ sessions: [...flushesIn(tick), ...heldUp(tick)] }),
  })
}

/** Asked several times of every tick: looked for once. */
function flushesIn(tick: Tick): readonly SessionSample[] {
  const known = FLUSHES.get(tick)
  if (known) return known
  const { working, locked } = tally(tick).census
  const made = [...working, ...locked].filter(({ statement }) => shapeOf(statement) === 'flush')
  FLUSHES.set(tick, made)
  return made
}

const FLUSHES = new WeakMap<Tick, readonly SessionSample[]>()

const activeIn = (tick: Tick): number => {
  const { working, locked } = tally(tick).census
  return working.length + locked.length
}
const heldUpIn = (tick: Tick): number => heldUp(tick).length

/** Who waits for tables to be opened again, or while somebody flushes for the log, and who waits for the rows of those. */
function heldUp(tick: Tick): SessionSample[] {
  const flushes = flushesIn(tick)
  if (flushes.length === 0) return []
  const { heads, queueOf } = blockingOf(tick)
  const { working, locked } = tally(tick).census
  const direct = [...working, ...locked].filter(one => !flushes.includes(one) && waitsForFlush(one))
  const queues = heads
    .filter(({ session }) => direct.includes(session))
    .flatMap(({ session }) => queueOf.get(session.id) ?? [])
  return [...new Set([...direct, ...queues])]
}

const waitsForFlush = ({ waitClass, waitEvent }: SessionSample): boolean =>
  waitClass === 'Commit' || /table flush/i.test(waitEvent ?? '')
