// What the APIs of AWS would have shown of an incident that was watched live: means of a minute, counters, no sessions.
import {
  type Evidence,
  type FailureCount,
  type Signal,
  type Signals,
  type StatementLoad,
  type Tick,
  WAIT_CLASSES,
} from '../model/index.ts'

interface Resampling {
  /** Seconds a period. */
  periodS?: number
  /** Each second of the incident stands for so many: one that took a minute is seen in the minutes of an hour. Rates stay. */
  stretch?: number
}

/** Statements that Performance Insights lists. */
const TOP = 10

/**
 * Gone are sessions, idle groups and probes, and every signal that neither CloudWatch nor Performance Insights has. What the log
 * tells of failures stays, since AWS hands out the log. A period without a sample is a gap.
 */
export function resampled(evidence: Evidence, { periodS = 60, stretch = 1 }: Resampling = {}): Evidence {
  const step = periodS * 1_000
  const { from, target, window } = evidence
  const later = (t: number) => from + (t - from) * stretch
  const whole = (t: number) => Math.floor(later(t) / step) * step
  const range = { from: whole(from), to: whole(evidence.to - 1) + step }
  const periods = new Map<number, Tick[]>()
  for (let t = range.from; t < range.to; t += step) periods.set(t, [])
  for (const tick of evidence.ticks) periods.get(whole(tick.t))?.push(tick)
  const shown = SHOWN[target.engine]
  return {
    ...evidence,
    ...range,
    tickMs: step,
    ...(window ? { window: { from: whole(window.from), to: whole(window.to - 1) + step } } : {}),
    ticks: [...periods].map(([t, ticks]) => ({
      t,
      signals: meansOf(ticks.map(gaugesOf), shown),
      ...byStatement(ticks),
    })),
    probes: [],
    failures: logged(evidence).map(failure => ({ ...failure, t: whole(failure.t) })),
    statements: statementsOf(
      { ...evidence, statements: spread(evidence, step / stretch) },
      t => whole(t) + step,
    ),
    events: evidence.events
      .filter(({ source }) => TOLD.includes(source))
      .map(event => ({ ...event, t: later(event.t) })),
  }
}

/** The log that AWS hands out, and what it says itself. A pooler that is none of its own it knows nothing of. */
const TOLD = ['log', 'rds', 'network', 'catalog', 'performance-insights', 'rds-proxy']

/** What stands in the log. PostgreSQL writes a line for everybody whom it refuses, an observer as well. */
function logged({ target, probes, failures }: Evidence): FailureCount[] {
  const told = failures.filter(({ source }) => source === 'log')
  if (target.engine !== 'postgres' || told.length > 0) return told
  return probes.flatMap(({ t, failure, native }) =>
    failure && native && SQLSTATE.test(native.code) ? [{ t, source: 'log', failure, native, count: 1 }] : [],
  )
}

const SQLSTATE = /^[0-9A-Z]{5}$/

/** Load of a statement: its sessions at work, a sample. */
function byStatement(ticks: Tick[]): Pick<Tick, 'byStatement'> {
  const sampled = ticks.flatMap(({ sessions }) => (sessions ? [sessions] : []))
  if (sampled.length === 0) return {}
  const loads = new Map<string, StatementLoad>()
  for (const { statementId, statement, state } of sampled.flat()) {
    if (statementId === undefined || state !== 'active') continue
    const { aas = 0 } = loads.get(statementId) ?? {}
    loads.set(statementId, {
      statementId,
      ...(statement === undefined ? {} : { statement }),
      aas: aas + 1 / sampled.length,
    })
  }
  return { byStatement: [...loads.values()].sort((a, b) => b.aas - a.aas).slice(0, TOP) }
}

/** What a server counts of its sessions, beside what was counted: signals of a tick with sessions. */
export function gaugesOf({ signals, sessions, idle = [], samples = 1 }: Tick): Signals {
  // Who waits for a lock is load of that class.
  const { aas_lock = signals.lock_waiters } = signals
  if (!sessions) return aas_lock === undefined ? signals : { ...signals, aas_lock }
  const active = sessions.filter(({ state }) => state === 'active')
  const idleConnections = idle.reduce((sum, { count }) => sum + count, 0)
  const inTransaction = sessions.filter(({ state }) => state.startsWith('idle in transaction')).length
  const byClass = Object.fromEntries(
    WAIT_CLASSES.map(name => [
      `aas_${name.toLowerCase()}`,
      active.filter(({ waitClass = 'CPU' }) => waitClass === name).length,
    ]),
  )
  return {
    connections: sessions.length + idleConnections,
    connections_active: active.length,
    connections_idle: idleConnections,
    connections_idle_in_transaction: inTransaction,
    lock_waiters: active.filter(({ waitClass }) => waitClass === 'Lock').length,
    ...signals,
    // Of several samples the signals are the means.
    ...(samples > 1 && signals.aas !== undefined ? {} : { aas: active.length, ...byClass }),
  }
}

function meansOf(all: Signals[], shown: readonly Signal[]): Signals {
  const means: Signals = {}
  for (const signal of shown) {
    const values = all.flatMap(signals => signals[signal] ?? [])
    if (values.length > 0) means[signal] = values.reduce((sum, value) => sum + value, 0) / values.length
  }
  return means
}

/** A reading of a longer time than a period, evenly over the periods of that time: Performance Insights takes one a minute. */
function spread({ ticks, statements }: Evidence, period: number): Evidence['statements'] {
  const times = [...new Set(statements.map(({ t }) => t))].sort((a, b) => a - b)
  const lengthOf = new Map(times.map((t, i) => [t, t - (times[i - 1] ?? ticks[0]?.t ?? t)]))
  return statements.flatMap(delta => {
    const n = Math.max(1, Math.round(lengthOf.get(delta.t)! / period))
    const { calls, totalMs } = delta
    return Array.from({ length: n }, (_, i) => ({
      ...delta,
      ...{ t: delta.t - i * period, calls: calls / n, totalMs: totalMs / n },
    }))
  })
}

/** The ones with most of the load: by the sessions that were sampled, else by the time they took. */
function statementsOf({ ticks, statements }: Evidence, endOf: (t: number) => number): Evidence['statements'] {
  const [sampled, timed] = [new Map<string, number>(), new Map<string, number>()]
  for (const { statementId: id, state } of ticks.flatMap(({ sessions = [] }) => sessions))
    if (id !== undefined && state === 'active') sampled.set(id, (sampled.get(id) ?? 0) + 1)
  for (const { statementId: id, totalMs } of statements) timed.set(id, (timed.get(id) ?? 0) + totalMs)
  const loads = [...(sampled.size > 0 ? sampled : timed)].sort(([, a], [, b]) => b - a)
  const top = new Set(loads.slice(0, TOP).map(([id]) => id))
  const kept = new Map<string, Evidence['statements'][number]>()
  for (const { statementId, statement, calls, totalMs, t } of statements) {
    if (!top.has(statementId)) continue
    const key = `${endOf(t)} ${statementId}`
    const known = kept.get(key) ?? { calls: 0, totalMs: 0 }
    kept.set(key, {
      t: endOf(t),
      statementId,
      ...(statement === undefined ? {} : { statement }),
      calls: known.calls + calls,
      totalMs: known.totalMs + totalMs,
    })
  }
  return [...kept.values()].sort((a, b) => a.t - b.t)
}

/** Metrics of an instance in CloudWatch, load by wait class, and what Performance Insights counts on every host. */
const ALWAYS: readonly Signal[] = [
  ...(['aas', 'aas_cpu', 'aas_io', 'aas_lock', 'aas_lwlock', 'aas_commit', 'aas_ipc'] as const),
  ...(['aas_client', 'aas_timeout', 'aas_other', 'connections', 'max_connections', 'usable_slots'] as const),
  ...(['cpu_pct', 'cpu_user_pct', 'cpu_system_pct', 'cpu_idle_pct', 'cpu_iowait_pct'] as const),
  ...(['cpu_steal_pct', 'cpu_credit_balance', 'runnable_processes', 'blocked_processes'] as const),
  ...(['memory_free_bytes', 'swap_used_bytes', 'swap_in_per_s', 'storage_free_bytes'] as const),
  ...(['disk_queue_depth', 'disk_reads_per_s', 'disk_writes_per_s', 'disk_read_bytes_per_s'] as const),
  ...(['disk_write_bytes_per_s', 'disk_read_latency_ms', 'disk_write_latency_ms'] as const),
  ...(['disk_util_pct', 'net_received_bytes_per_s', 'net_sent_bytes_per_s', 'ebs_io_balance_pct'] as const),
  ...(['ebs_byte_balance_pct', 'burst_balance_pct', 'connections_active'] as const),
  ...(['rows_read_scan_per_s', 'rows_inserted_per_s', 'rows_updated_per_s'] as const),
  ...(['rows_deleted_per_s', 'rows_changed_per_s', 'statements_per_s', 'pages_flushed_per_s'] as const),
  'deadlocks_per_s',
  ...(['buffer_reads_per_s', 'buffer_misses_per_s', 'buffer_hit_ratio'] as const),
]

const MYSQL: readonly Signal[] = [
  ...ALWAYS,
  ...(['log_writes_per_s', 'lock_wait_ms_per_s', 'connections_opened_per_s'] as const),
]

const SHOWN: Record<Evidence['target']['engine'], readonly Signal[]> = {
  postgres: [
    ...ALWAYS,
    ...(['connections_idle', 'connections_idle_in_transaction', 'lock_waiters', 'commits_per_s'] as const),
    ...(['rollbacks_per_s', 'log_bytes_per_s', 'rows_read_index_per_s'] as const),
  ],
  mysql: MYSQL,
  mariadb: MYSQL,
  other: ALWAYS.slice(0, ALWAYS.indexOf('connections_active')),
}
