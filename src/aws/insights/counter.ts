// Counters of the engine and of the host, which Performance Insights takes once a minute, as canonical signals.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights_Counters.html
import type { EngineName, Signal } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Series } from '../cloudwatch/series.ts'
import type { Database } from '../describe/database.ts'
import type { InsightsOptions } from './load.ts'
import { resourceMetrics } from './metrics.ts'

/** A counter's signal, and the factor from its unit. */
type Counter = readonly [name: string, signal: Signal, factor?: number]

const PER_MINUTE = 1 / 60
const KILOBYTES = 1024

/** Not on SQL Server. The load of a minute counts who runs and who is in uninterruptible sleep. */
const HOST: readonly Counter[] = [
  ['os.cpuUtilization.user', 'cpu_user_pct'],
  ['os.cpuUtilization.system', 'cpu_system_pct'],
  ['os.cpuUtilization.idle', 'cpu_idle_pct'],
  ['os.cpuUtilization.wait', 'cpu_iowait_pct'],
  ['os.cpuUtilization.steal', 'cpu_steal_pct'],
  ['os.tasks.running', 'runnable_processes'],
  ['os.tasks.blocked', 'blocked_processes'],
  ['os.swap.in', 'swap_in_per_s', KILOBYTES],
]

const POSTGRES: readonly Counter[] = [
  ['db.User.numbackends', 'connections'],
  ['db.User.max_connections', 'max_connections'],
  ['db.state.active_count', 'connections_active'],
  ['db.state.idle_count', 'connections_idle'],
  ['db.state.idle_in_transaction_count', 'connections_idle_in_transaction'],
  ['db.Transactions.blocked_transactions', 'lock_waiters'],
  ['db.Transactions.xact_commit', 'commits_per_s'],
  ['db.Transactions.xact_rollback', 'rollbacks_per_s'],
  ['db.Concurrency.deadlocks', 'deadlocks_per_s', PER_MINUTE],
  ['db.SQL.tup_returned', 'rows_read_scan_per_s'],
  ['db.SQL.tup_fetched', 'rows_read_index_per_s'],
  ['db.SQL.tup_inserted', 'rows_inserted_per_s'],
  ['db.SQL.tup_updated', 'rows_updated_per_s'],
  ['db.SQL.tup_deleted', 'rows_deleted_per_s'],
  ['db.Cache.blks_hit', 'buffer_reads_per_s'],
  ['db.IO.blks_read', 'buffer_misses_per_s'],
]

const MYSQL: readonly Counter[] = [
  ['db.User.max_connections', 'max_connections'],
  ['db.Users.Threads_running', 'connections_active'],
  ['db.SQL.Questions', 'statements_per_s'],
  ['db.SQL.Innodb_rows_inserted', 'rows_inserted_per_s'],
  ['db.SQL.Innodb_rows_updated', 'rows_updated_per_s'],
  ['db.SQL.Innodb_rows_deleted', 'rows_deleted_per_s'],
  ['db.SQL.Innodb_rows_read', 'rows_read_scan_per_s'],
  ['db.IO.Innodb_log_writes', 'log_writes_per_s'],
  ['db.IO.Innodb_pages_written', 'pages_flushed_per_s'],
  ['db.Cache.Innodb_buffer_pool_read_requests', 'buffer_reads_per_s'],
  ['db.Cache.Innodb_buffer_pool_reads', 'buffer_misses_per_s'],
]

const COUNTERS: Record<EngineName, readonly Counter[]> = { postgres: POSTGRES, mysql: MYSQL, mariadb: MYSQL }

const METRIC = /^(.*)\.avg$/

/** Taken once a minute: it stands for each period in it. Throws AppError. */
export async function countersOf(
  account: Account,
  { resourceId, engine, product }: Database,
  { window, periodS }: Omit<InsightsOptions, 'redact'>,
  signal?: AbortSignal,
): Promise<Series> {
  const counters = [...(product.startsWith('sqlserver') ? [] : HOST), ...(engine ? COUNTERS[engine] : [])]
  const known = new Map(counters.map(counter => [counter[0], counter]))
  const series: Series = new Map()
  const minute = Math.max(60, periodS)
  const queries = counters.map(([name]) => ({ Metric: `${name}.avg` }))
  for (const { metric, points } of await resourceMetrics(
    account,
    { resourceId, queries, window, periodS: minute },
    signal,
  )) {
    const [, name, factor = 1] = known.get(METRIC.exec(metric)?.[1] ?? '') ?? []
    if (name === undefined) continue
    for (const [start, value] of points)
      for (let t = start; t < start + minute * 1_000; t += periodS * 1_000)
        series.set(t, { ...series.get(t), [name]: value * factor })
  }
  return withDerived(series, engine)
}

/** PostgreSQL counts hits apart from reads, MySQL counts all requests. */
function withDerived(series: Series, engine: EngineName | undefined): Series {
  for (const signals of series.values()) {
    const { rows_inserted_per_s: i, rows_updated_per_s: u, rows_deleted_per_s: d } = signals
    if (i !== undefined || u !== undefined || d !== undefined)
      signals.rows_changed_per_s = (i ?? 0) + (u ?? 0) + (d ?? 0)
    const { buffer_reads_per_s: counted, buffer_misses_per_s: misses } = signals
    if (counted === undefined || misses === undefined) continue
    const reads = engine === 'postgres' ? counted + misses : counted
    signals.buffer_reads_per_s = reads
    if (reads > 0) signals.buffer_hit_ratio = Math.max(0, 1 - misses / reads)
  }
  return series
}
