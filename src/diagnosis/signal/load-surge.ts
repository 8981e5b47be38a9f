// What more calls of the same cost do to the counters.
import { ramp } from '../weigh.ts'
import { CALLS, CPU, LOCKS, LOG, MISSES, NETWORK, READS, ROWS, STORAGE, WRITES } from './group.ts'
import { type Mechanism, needs, shows } from './mechanism.ts'
import { both, least, most, not, scaled, type View } from './view.ts'

export const moreCalls: Mechanism = {
  title: 'more calls of the same cost',
  claims: x => [
    needs(
      most(x.addedMany, both(x.rises('calls', 1.6), x.rises('aas', 1.2))),
      'many more sessions are at work',
      3,
    ),
    shows(asked(x), 'more is asked of it: calls, clients', 3),
    needs(not(both(dearer(x, 4), busier(x, 2))), 'a call costs what it did', 2),
    needs(not(both(stuck(x), x.falls('calls', 1.5))), 'the new ones do not just wait for locks', 2),
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
  remedies: ['scale-up', 'pool-size', 'max-connections'],
}

/**
 * A saturated server answers no more calls than before however many are asked of it; as long as they do not fall that is left
 * open. Where calls are not counted nothing is known: pools open more connections for whatever takes longer, too.
 */
const asked = (x: View) =>
  x.during('calls') === undefined
    ? undefined
    : most(x.rises('calls', 1.25), newClients(x), scaled(not(x.falls('calls', 1.15)), LEFT_OPEN))
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
