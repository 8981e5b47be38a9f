// What CloudWatch has of an instance, as canonical signals. One table; the query asks for all of it at once.
import type { Signal } from '../../model/index.ts'
import type { Database } from '../describe/database.ts'

export interface Metric {
  name: string
  signal: Signal
  /** Factor from CloudWatch's unit to the signal's; a percent of a hit ratio is 0.01. */
  factor?: number
  /** A sum over the period, to be a rate. */
  sum?: true
  /** −1 says that it is not known. */
  negativeIsUnknown?: true
  /** Published every five minutes only. */
  everyFiveMinutes?: true
  /** Published only while there is load: elsewhere a gap is zero. */
  gapIsZero?: true
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html */
const ALL: readonly Metric[] = [
  { name: 'DBLoad', signal: 'aas', gapIsZero: true },
  { name: 'DBLoadCPU', signal: 'aas_cpu', gapIsZero: true },
  { name: 'DatabaseConnections', signal: 'connections' },
  { name: 'CPUUtilization', signal: 'cpu_pct' },
  { name: 'FreeableMemory', signal: 'memory_free_bytes' },
  { name: 'SwapUsage', signal: 'swap_used_bytes' },
  { name: 'DiskQueueDepth', signal: 'disk_queue_depth' },
  { name: 'ReadIOPS', signal: 'disk_reads_per_s' },
  { name: 'WriteIOPS', signal: 'disk_writes_per_s' },
  { name: 'ReadThroughput', signal: 'disk_read_bytes_per_s' },
  { name: 'WriteThroughput', signal: 'disk_write_bytes_per_s' },
  { name: 'ReadLatency', signal: 'disk_read_latency_ms', factor: 1_000 },
  { name: 'WriteLatency', signal: 'disk_write_latency_ms', factor: 1_000 },
  { name: 'NetworkReceiveThroughput', signal: 'net_received_bytes_per_s' },
  { name: 'NetworkTransmitThroughput', signal: 'net_sent_bytes_per_s' },
  { name: 'EBSIOBalance%', signal: 'ebs_io_balance_pct' },
  { name: 'EBSByteBalance%', signal: 'ebs_byte_balance_pct' },
]

const BURSTABLE: readonly Metric[] = [
  { name: 'CPUCreditBalance', signal: 'cpu_credit_balance', everyFiveMinutes: true },
]

const REPLICA: readonly Metric[] = [{ name: 'ReplicaLag', signal: 'replica_lag_s', negativeIsUnknown: true }]

/** Milliseconds behind the writer. */
const AURORA_READER: readonly Metric[] = [
  { name: 'AuroraReplicaLag', signal: 'replica_lag_s', factor: 0.001 },
]

const INSTANCE: readonly Metric[] = [{ name: 'FreeStorageSpace', signal: 'storage_free_bytes' }]

const AURORA: readonly Metric[] = [
  { name: 'FreeLocalStorage', signal: 'storage_free_bytes' },
  { name: 'CommitThroughput', signal: 'commits_per_s' },
  { name: 'BufferCacheHitRatio', signal: 'buffer_hit_ratio', factor: 0.01 },
  { name: 'Deadlocks', signal: 'deadlocks_per_s' },
]

const AURORA_MYSQL: readonly Metric[] = [
  { name: 'Queries', signal: 'statements_per_s' },
  { name: 'LoginFailures', signal: 'connections_failed_per_s' },
  { name: 'InsertThroughput', signal: 'rows_inserted_per_s' },
  { name: 'UpdateThroughput', signal: 'rows_updated_per_s' },
  { name: 'DeleteThroughput', signal: 'rows_deleted_per_s' },
]

/** Attempts, successful or not: all that is told of how many come. */
const MYSQL: readonly Metric[] = [
  { name: 'ConnectionAttempts', signal: 'connections_opened_per_s', sum: true },
]

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html */
const POSTGRES: readonly Metric[] = [{ name: 'TransactionLogsGeneration', signal: 'log_bytes_per_s' }]

export function metricsOf({
  product,
  engine,
  instanceClass,
  storage,
  replicaOf,
  cluster,
}: Database): Metric[] {
  const aurora = product.startsWith('aurora')
  return [
    ...ALL,
    ...(instanceClass.startsWith('db.t') ? BURSTABLE : []),
    ...(aurora ? AURORA : INSTANCE),
    ...(product === 'aurora-mysql' ? AURORA_MYSQL : []),
    ...(engine === 'mysql' ? MYSQL : []),
    ...(product === 'postgres' ? POSTGRES : []),
    ...(replicaOf ? REPLICA : []),
    ...(aurora && cluster?.isWriter === false ? AURORA_READER : []),
    ...(storage.type === 'gp2' ? [{ name: 'BurstBalance', signal: 'burst_balance_pct' } as const] : []),
  ]
}
