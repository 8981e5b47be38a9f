// Counters of Performance Insights and the signals they are; scripts/facts/counters.mjs holds the names against a database.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights_Counters.html
import type { EngineName, Signal } from '../../model/index.ts'

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
  ['os.diskIO.rdsdev.util', 'disk_util_pct'],
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
  // Who writes pages back: the checkpointer, the background writer, and backends that could not wait for them.
  ['db.Checkpoint.buffers_checkpoint', 'pages_flushed_per_s'],
  ['db.IO.buffers_clean', 'pages_flushed_per_s'],
  ['db.IO.buffers_backend', 'pages_flushed_per_s'],
  ['db.SQL.queries_finished', 'statements_per_s'],
]

const MYSQL: readonly Counter[] = [
  ['db.User.max_connections', 'max_connections'],
  ['db.Users.Threads_running', 'connections_active'],
  ['db.Users.Threads_connected', 'connections'],
  ['db.Locks.Innodb_row_lock_time', 'lock_wait_ms_per_s'],
  ['db.Locks.innodb_deadlocks', 'deadlocks_per_s', PER_MINUTE],
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

/** `product` as AWS writes it: an engine that is not known has the counters of its host. */
export const countersFor = (engine: EngineName | undefined, product: string): readonly Counter[] => [
  ...(product.startsWith('sqlserver') ? [] : HOST),
  ...(engine ? COUNTERS[engine] : []),
]
