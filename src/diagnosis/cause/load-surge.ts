// More calls of the same cost: the work itself has grown.
import { isActive } from '../../load/index.ts'
import type { Case } from '../case.ts'
import {
  beyond,
  cannotTell,
  type Found,
  found,
  type Judgement,
  type Rule,
  ramp,
  ruledOut,
  speaksFor,
} from '../rule.ts'
import { round1 } from '../say.ts'
import { type Mechanism, needs } from '../signal/mechanism.ts'
import { both, least, most, not, scaled, type View } from '../signal/view.ts'
import { cpuEvidence, isBusy, SURGE, type Work, work } from '../work.ts'

const mechanism: Mechanism = {
  title: 'more calls of the same cost',
  claims: x => [
    needs(
      most(x.addedMany, both(x.rises('calls', 1.6), x.rises('aas', 1.2))),
      'many more sessions are at work',
      2,
    ),
    needs(asked(x), 'more is asked of it: calls, clients', 3),
    needs(not(both(dearer(x, 4), busier(x, 2))), 'a call costs what it did', 2),
    needs(not(both(stuck(x), x.falls('calls', 1.5))), 'the new ones do not just wait for locks', 2),
  ],
  kind: surgeKind,
  raises: [
    ...([
      'commits_per_s',
      'rollbacks_per_s',
      'statements_per_s',
      'calls',
      'aas_cpu',
      'aas_io',
      'aas_lock',
    ] as const),
    ...([
      'rows_read_scan_per_s',
      'rows_read_index_per_s',
      'rows_inserted_per_s',
      'rows_updated_per_s',
    ] as const),
    ...(['rows_deleted_per_s', 'rows_changed_per_s', 'lock_waiters', 'lock_waits_per_s'] as const),
    ...(['lock_wait_ms_per_s', 'log_writes_per_s', 'log_fsyncs_per_s', 'log_bytes_per_s'] as const),
    ...(['buffer_reads_per_s', 'buffer_misses_per_s', 'pages_flushed_per_s', 'aas_commit'] as const),
    ...([
      'data_written_bytes_per_s',
      'data_read_bytes_per_s',
      'cpu_pct',
      'cpu_user_pct',
      'cpu_system_pct',
    ] as const),
    ...(['db_cpu_pct', 'cpu_iowait_pct', 'runnable_processes', 'context_switches_per_s'] as const),
    ...(['disk_util_pct', 'disk_writes_per_s', 'disk_write_bytes_per_s', 'disk_reads_per_s'] as const),
    ...(['net_sent_bytes_per_s', 'net_received_bytes_per_s', 'connections_opened_per_s'] as const),
  ],
  remedies: ['scale-up', 'pool-size', 'max-connections'],
}

/** A saturated server answers no more calls than before however many are asked of it; as long as they do not fall that is left open. */
const asked = (x: View) =>
  most(x.rises('calls', 1.25), newClients(x), scaled(not(x.falls('calls', 1.15)), LEFT_OPEN))
const LEFT_OPEN = 0.4

/** Sessions at work that are more because there are more clients, and not because each of them takes longer. */
function newClients(x: View) {
  const [before, during] = [x.before('connections'), x.during('connections')]
  if (before === undefined || during === undefined || !x.added || x.added < 1) return undefined
  return ramp((during - before) / x.added, 0.3, 0.8)
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

export const loadSurge: Rule = { cause: 'load-surge', judge, mechanism }

function judge(c: Case): Judgement {
  const w = work(c)
  if (!isBusy(c, w))
    return ruledOut(`${round1(w.aas)} sessions at work (locks aside), before it ${round1(w.aasBefore)}`)
  if (w.rateRatio === undefined) return cannotTell('the rate of transactions before and during the incident')
  if (w.rateRatio < SURGE) return ruledOut(`calls came at ${round1(w.rateRatio)}× the rate of before`)
  return found(finding(c, w, w.rateRatio))
}

function finding(c: Case, w: Work, rate: number): Found {
  return {
    kind: kindOf(c),
    confidence: 0.55 + 0.35 * ramp(rate, SURGE, 2.5) + 0.1 * ramp(w.aas, w.aasBefore, 4 * w.aasBefore + 4),
    onset: c.incident.from,
    title: `${round1(rate)}× the calls of before, ${round1(w.aas)} sessions at work`,
    because: `calls come at ${round1(rate)}× the rate of before, and ${round1(w.aas)} sessions are at work at once`,
    evidence: [
      speaksFor(`transactions a second: ${round1(rate)}× of before`),
      ...(w.timeRatio === undefined
        ? []
        : [speaksFor(`time a transaction: ${round1(w.timeRatio)}× of before (waiting for CPU included)`)]),
      ...cpuEvidence(c),
    ],
    ...(w.gainer ? { subject: gainerSubject(w) } : {}),
    remedies: ['scale-up', 'pool-size', 'max-connections'],
    gone: tick => beyond(tick, w.aasBefore, session => isActive(session) && session.waitClass !== 'Lock'),
  }
}

const gainerSubject = ({ gainer }: Work) => ({
  statementId: gainer!.statementId,
  ...(gainer!.statement ? { statement: gainer!.statement } : {}),
})

/** What the additional calls do, by the rows they change and read. */
function kindOf({ before, during }: Case): string {
  const sum = (
    ticks: Case['during'],
    signal: 'rows_inserted_per_s' | 'rows_changed_per_s' | 'rows_read_scan_per_s',
  ) => ticks.reduce((total, tick) => total + (tick.signals[signal] ?? 0), 0) / Math.max(1, ticks.length)
  const more = (signal: Parameters<typeof sum>[1]) => Math.max(0, sum(during, signal) - sum(before, signal))
  const [inserted, changed, read] = [
    more('rows_inserted_per_s'),
    more('rows_changed_per_s'),
    more('rows_read_scan_per_s'),
  ]
  if (changed > read / 4) return inserted > 0.8 * changed ? 'inserts' : 'mixed'
  return 'reads'
}
