// The canonical signals. The unit is the end of the name; `_per_s` is a rate over the tick, others are gauges.

export const SIGNALS = [
  ...['aas', 'aas_cpu', 'aas_io', 'aas_lock', 'aas_lwlock', 'aas_commit', 'aas_ipc', 'aas_client'],
  ...['aas_timeout', 'aas_other', 'aas_exact'],
  ...['commits_per_s', 'rollbacks_per_s', 'statements_per_s', 'latency_ms'],
  ...['rows_read_scan_per_s', 'rows_read_index_per_s', 'rows_inserted_per_s', 'rows_updated_per_s'],
  ...['rows_deleted_per_s', 'rows_changed_per_s'],
  ...['lock_waiters', 'lock_waits_per_s', 'lock_wait_ms_per_s', 'deadlocks_per_s'],
  ...['log_writes_per_s', 'log_fsyncs_per_s', 'log_bytes_per_s', 'log_pending'],
  ...['buffer_reads_per_s', 'buffer_misses_per_s', 'buffer_hit_ratio', 'buffer_dirty_pages'],
  ...['buffer_free_pages', 'buffer_size_bytes', 'pages_flushed_per_s', 'data_written_bytes_per_s'],
  ...['data_read_bytes_per_s'],
  ...['cpu_pct', 'cpu_user_pct', 'cpu_system_pct', 'cpu_idle_pct', 'cpu_iowait_pct', 'cpu_steal_pct'],
  ...['db_cpu_pct', 'cpu_credit_balance', 'runnable_processes', 'blocked_processes'],
  ...['context_switches_per_s', 'processes_created_per_s'],
  ...['disk_util_pct', 'disk_reads_per_s', 'disk_writes_per_s', 'disk_read_bytes_per_s'],
  ...['disk_write_bytes_per_s', 'disk_queue_depth', 'disk_read_latency_ms', 'disk_write_latency_ms'],
  ...['storage_free_bytes', 'ebs_io_balance_pct', 'ebs_byte_balance_pct', 'burst_balance_pct'],
  ...['net_sent_bytes_per_s', 'net_received_bytes_per_s', 'memory_free_bytes', 'swap_used_bytes'],
  ...['swap_in_per_s', 'major_page_faults_per_s'],
  ...['connections', 'connections_active', 'connections_idle', 'connections_idle_in_transaction'],
  ...['connections_opened_per_s', 'connections_failed_per_s', 'max_connections', 'usable_slots'],
  ...['replica_lag_s'],
] as const

export type Signal = (typeof SIGNALS)[number]

/** What was measured in one tick. An absent signal is unknown, never zero. */
export type Signals = Partial<Record<Signal, number>>
