// Signals that rise together, because they count the same thing at several places.
import type { Quantity } from './table.ts'

type Group = readonly Quantity[]

export const CALLS: Group = ['calls', 'commits_per_s', 'rollbacks_per_s', 'statements_per_s']
export const CPU: Group = [
  ...(['cpu_pct', 'cpu_user_pct', 'cpu_system_pct', 'db_cpu_pct', 'aas_cpu'] as const),
  ...(['runnable_processes', 'context_switches_per_s'] as const),
]
export const LOCKS: Group = [
  ...(['lock_waiters', 'lock_waits_per_s', 'lock_wait_ms_per_s', 'aas_lock', 'deadlocks_per_s'] as const),
]
export const LOG: Group = [
  ...(['log_bytes_per_s', 'log_writes_per_s', 'log_fsyncs_per_s', 'log_pending', 'aas_commit'] as const),
]
/** Logical reads: pages and rows that statements look at. */
export const READS: Group = ['buffer_reads_per_s', 'rows_read_scan_per_s', 'rows_read_index_per_s']
/** Reads that go to storage. */
export const MISSES: Group = [
  ...(['buffer_misses_per_s', 'data_read_bytes_per_s', 'disk_reads_per_s'] as const),
  ...(['disk_read_bytes_per_s', 'disk_read_latency_ms', 'major_page_faults_per_s'] as const),
]
export const WRITES: Group = [
  ...(['pages_flushed_per_s', 'data_written_bytes_per_s', 'disk_writes_per_s'] as const),
  ...(['disk_write_bytes_per_s', 'disk_write_latency_ms'] as const),
]
/** Waiting for storage, whoever reads or writes. */
export const STORAGE: Group = [
  ...(['cpu_iowait_pct', 'disk_util_pct', 'disk_queue_depth', 'blocked_processes', 'aas_io'] as const),
]
export const ROWS: Group = [
  ...(['rows_inserted_per_s', 'rows_updated_per_s', 'rows_deleted_per_s', 'rows_changed_per_s'] as const),
]
export const NETWORK: Group = ['net_sent_bytes_per_s', 'net_received_bytes_per_s']
