// What more calls of the same cost do to the counters.
import { ramp } from '../weigh.ts'
import { comesAsBefore, comesMore, does, isNew, isOne } from './gained.ts'
import { CALLS, CPU, LOCKS, LOG, MISSES, NETWORK, READS, ROWS, STORAGE, WRITES } from './group.ts'
import { contradicts, type Mechanism, needs, shows } from './mechanism.ts'
import { both, least, most, not, scaled, type View } from './view.ts'
import { mostlyIn, nobodyMore } from './waiting.ts'

export const moreCalls: Mechanism = {
  title: 'more calls of the same cost',
  claims: x => [
    needs(
      most(x.addedMany, both(x.rises('calls', 1.6), x.rises('aas', 1.2))),
      'many more sessions are at work',
      3,
    ),
    shows(asked(x), 'more is asked of it: calls, clients', 3),
    needs(costsTheSame(x), 'a call costs what it did', 2),
    needs(not(both(stuck(x), x.falls('calls', 1.5))), 'the new ones do not just wait for locks', 2),
    contradicts(mostlyIn(x, 'aas_lock', 'aas_commit'), 'the new ones wait for locks and commits'),
    contradicts(does(x.gained, 'dump', 'load', 'flush'), 'the new ones came to do a job'),
    contradicts(
      both(isNew(x.gained), not(x.rises('calls', 1.6))),
      'one statement took the load that nobody called before',
    ),
    contradicts(comesAsBefore(x.gained), 'one statement took the load, and is called no more often'),
    contradicts(nobodyMore(x), 'no more sessions are at work than before', 0.8),
  ],
  kind: surgeKind,
  raises: [
    ...CALLS,
    ...CPU,
    ...LOCKS,
    ...LOG,
    ...READS,
    ...MISSES,
    ...WRITES,
    ...STORAGE,
    ...ROWS,
    ...NETWORK,
    'connections_opened_per_s',
  ],
  ofStatement: true,
  remedies: ['scale-up', 'pool-size', 'max-connections'],
}

/** Of many statements the average call; of one that is called more often it says nothing. */
const costsTheSame = (x: View) =>
  most(
    not(both(dearer(x, 4), busier(x, 2))),
    comesMore(x.gained),
    both(isOne(x.gained), x.rises('calls', 1.6)),
  )

/**
 * A saturated server answers no more calls than before however many are asked of it; as long as they do not fall that is left
 * open. Where calls are not counted nothing is known: pools open more connections for whatever takes longer, too.
 */
const asked = (x: View) =>
  x.during('calls') === undefined
    ? undefined
    : most(
        x.rises('calls', 1.25),
        comesMore(x.gained),
        newClients(x),
        scaled(not(x.falls('calls', 1.15)), LEFT_OPEN),
      )
const LEFT_OPEN = 0.4

/** Many sessions at work that are there because there are more clients, and not because each of them takes longer. */
function newClients(x: View) {
  const [before, during] = [x.before('connections'), x.during('connections')]
  if (before === undefined || during === undefined || !x.added || x.added < 1) return undefined
  return both(x.addedMany, ramp((during - before) / x.added, 0.3, 0.8))
}

/** The database's own CPU where it is known, else the host's. */
const cpu = (x: View) =>
  (['db_cpu_pct', 'cpu_user_pct'] as const).find(name => x.during(name) !== undefined) ?? 'cpu_pct'
const dearer = (x: View, by: number) =>
  most(
    ...([cpu(x), 'buffer_reads_per_s'] as const).map(work =>
      least(x.risesPer(work, 'calls', by), x.risesPer(work, 'rows_changed_per_s', by)),
    ),
  )
const busier = (x: View, by: number) => most(x.rises(cpu(x), by), x.rises('buffer_reads_per_s', by))

/** Share of the additional sessions that wait for a lock. */
function stuck(x: View) {
  const of = (side: 'before' | 'during') => x[side]('aas_lock') ?? x[side]('lock_waiters')
  const [waiting, before] = [of('during'), of('before')]
  return waiting === undefined || before === undefined || !x.added || x.added < 1
    ? undefined
    : ramp((waiting - before) / x.added, 0.5, 0.9)
}

/** What the additional calls do, as far as it is counted. */
function surgeKind(x: View): string | undefined {
  const more = (quantity: Parameters<View['during']>[0]) =>
    (x.during(quantity) ?? 0) - (x.before(quantity) ?? 0)
  const inserted = more('rows_inserted_per_s')
  if (inserted > 2 * Math.max(0, more('calls')) && (x.rises('rows_inserted_per_s') ?? 0) > 0.5)
    return 'inserts'
  if (more('rows_changed_per_s') > 0 || more('commits_per_s') > 0) {
    return (x.rises('calls', 1.6) ?? 0) > 0.5 ? 'mixed' : 'commits'
  }
  return x.during('rows_changed_per_s') === undefined ? undefined : 'reads'
}
