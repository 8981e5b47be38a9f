// Counters of the engine and of the host, which Performance Insights takes once a minute, as canonical signals.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights_Counters.html
import type { EngineName, Signal } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Series } from '../cloudwatch/series.ts'
import type { Database } from '../describe/database.ts'
import type { InsightsOptions } from './load.ts'
import { resourceMetrics } from './metrics.ts'
import { countersFor } from './table.ts'

const METRIC = /^(.*)\.avg$/

/** Taken once a minute: it stands for each period in it. Throws AppError. */
export async function countersOf(
  account: Account,
  { resourceId, engine, product }: Database,
  { window, periodS }: Omit<InsightsOptions, 'redact'>,
  signal?: AbortSignal,
): Promise<Series> {
  const counters = countersFor(engine, product)
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
        add(series, t, name, value * factor)
  }
  return withDerived(series, engine)
}

/** Several counters may make one signal. */
function add(series: Series, t: number, signal: Signal, value: number): void {
  const known = series.get(t) ?? {}
  series.set(t, { ...known, [signal]: (known[signal] ?? 0) + value })
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
