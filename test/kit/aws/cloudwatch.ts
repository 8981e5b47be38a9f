// The fake of CloudWatch: GetMetricData over the incident of a database.
import { type Input, onlyMembers } from './members.ts'
import { Refusal } from './refusal.ts'
import { gauge, loadOf, type Period, periodsOf } from './shown.ts'
import type { World } from './world.ts'

const BAD = 'ValidationError'
const DAY_MS = 24 * 3_600_000
const MAX_POINTS = 100_800
/** Results of a page; the real one has more, but turns pages too. */
const PAGE = 10

interface Query {
  Id: string
  ReturnData?: boolean
  MetricStat: {
    Metric: { Namespace: string; MetricName: string; Dimensions: { Name: string; Value: string }[] }
    Period: number
    Stat: string
  }
}

export function cloudwatch(world: World, operation: string, input: Input, now: number): string {
  if (operation !== 'GetMetricData') throw new Refusal('InvalidAction', operation)
  onlyMembers(
    input,
    ['MetricDataQueries', 'StartTime', 'EndTime', 'ScanBy', 'NextToken', 'MaxDatapoints', 'LabelOptions'],
    BAD,
  )
  const queries = input.MetricDataQueries as Query[]
  if (queries.length < 1 || queries.length > 500)
    throw new Refusal(BAD, 'MetricDataQueries has 1 to 500 members')
  if (new Set(queries.map(({ Id }) => Id)).size < queries.length) throw new Refusal(BAD, 'Ids are not unique')
  const [from, to] = [Number(input.StartTime) * 1_000, Number(input.EndTime) * 1_000]
  if (!(from < to)) throw new Refusal(BAD, 'StartTime must be before EndTime')
  const points = queries.reduce((sum, { MetricStat }) => sum + (to - from) / (MetricStat.Period * 1_000), 0)
  if (points > MAX_POINTS) throw new Refusal(BAD, `${points} datapoints are more than ${MAX_POINTS}`)
  const results = queries.map(query => ({
    Id: query.Id,
    ...seriesOf(world, query, from, to, now),
    StatusCode: 'Complete',
  }))
  const first = Number(input.NextToken ?? 0)
  const next = first + PAGE
  return JSON.stringify({
    MetricDataResults: results.slice(first, next),
    ...(next < results.length ? { NextToken: String(next) } : {}),
  })
}

function seriesOf(world: World, { Id, MetricStat }: Query, from: number, to: number, now: number) {
  const { Metric, Period: periodS, Stat } = MetricStat
  if (!/^[a-z]\w*$/.test(Id)) throw new Refusal(BAD, `Id ${Id}`)
  if (periodS % 60 !== 0) throw new Refusal(BAD, `Period ${periodS} is not a multiple of 60`)
  if (!['Average', 'Sum', 'Maximum', 'Minimum', 'SampleCount'].includes(Stat))
    throw new Refusal(BAD, `Stat ${Stat}`)
  const age = now - from
  if (periodS < (age > 63 * DAY_MS ? 3_600 : age > 15 * DAY_MS ? 300 : 60))
    return { Timestamps: [], Values: [] }
  const id = Metric.Dimensions.find(({ Name }) => Name === 'DBInstanceIdentifier')?.Value ?? ''
  const [{ Name = '', Value = '' } = {}, ...more] = Metric.Dimensions
  const level =
    more.length === 0 && LEVELS[Name]?.includes(Metric.MetricName)
      ? world.levels[Value]?.[Metric.MetricName]
      : undefined
  if (level !== undefined) {
    const count = Math.ceil((Math.min(to, now) - from) / (periodS * 1_000))
    const starts = Array.from({ length: count }, (_, i) => from / 1_000 + i * periodS)
    return { Timestamps: starts, Values: starts.map(() => level) }
  }
  const evidence = Metric.Namespace === 'AWS/RDS' ? world.incidents[id] : undefined
  const own = METRICS[Metric.MetricName]
  if (!evidence || !own || (Metric.MetricName === 'CPUCreditBalance' && periodS < 300))
    return { Timestamps: [], Values: [] }
  const found = periodsOf(evidence, periodS, from, to).flatMap(period => {
    const value = own(period)
    return value === undefined
      ? []
      : [{ at: period.start / 1_000, value: Stat === 'Sum' ? value * periodS : value }]
  })
  return { Timestamps: found.map(({ at }) => at), Values: found.map(({ value }) => value) }
}

const LEVELS: Record<string, string[]> = {
  DBInstanceIdentifier: ['ServerlessDatabaseCapacity', 'ACUUtilization'],
  ProxyName: [
    ...['ClientConnectionsSetupFailedAuth', 'DatabaseConnections', 'MaxDatabaseConnectionsAllowed'],
    'DatabaseConnectionsBorrowLatency',
  ],
}

/** Nothing is published while there is no load. */
const load = (of: (period: Period) => number | undefined) => (period: Period) => of(period) || undefined

const METRICS: Record<string, (period: Period) => number | undefined> = {
  DBLoad: load(loadOf),
  DBLoadCPU: load(gauge('aas_cpu')),
  DatabaseConnections: gauge('connections'),
  CPUUtilization: gauge('cpu_pct'),
  CPUCreditBalance: gauge('cpu_credit_balance'),
  FreeableMemory: gauge('memory_free_bytes'),
  SwapUsage: gauge('swap_used_bytes'),
  FreeStorageSpace: gauge('storage_free_bytes'),
  DiskQueueDepth: gauge('disk_queue_depth'),
  ReadIOPS: gauge('disk_reads_per_s'),
  WriteIOPS: gauge('disk_writes_per_s'),
  ReadThroughput: gauge('disk_read_bytes_per_s'),
  WriteThroughput: gauge('disk_write_bytes_per_s'),
  ReadLatency: gauge('disk_read_latency_ms', 0.001),
  WriteLatency: gauge('disk_write_latency_ms', 0.001),
  NetworkReceiveThroughput: gauge('net_received_bytes_per_s'),
  NetworkTransmitThroughput: gauge('net_sent_bytes_per_s'),
  'EBSIOBalance%': gauge('ebs_io_balance_pct'),
  'EBSByteBalance%': gauge('ebs_byte_balance_pct'),
  BurstBalance: gauge('burst_balance_pct'),
  ReplicaLag: gauge('replica_lag_s'),
  AuroraReplicaLag: gauge('replica_lag_s', 1_000),
  TransactionLogsGeneration: gauge('log_bytes_per_s'),
  ConnectionAttempts: gauge('connections_opened_per_s'),
}
