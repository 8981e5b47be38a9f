// All metrics of a database over a stretch of time, as signals.
import type { Interval, Signal, Signals } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Metric } from './metric.ts'
import { metricValues } from './values.ts'

/** Signals by the start of their period, epoch milliseconds. */
export type Series = Map<number, Signals>

interface Question {
  metrics: readonly Metric[]
  dimensions: Record<string, string>
  window: Interval
  /** 60, 300 or 3600. */
  periodS: number
}

const FIVE_MINUTES = 300

/** Throws AppError. */
export async function metricSeries(account: Account, asked: Question, signal?: AbortSignal): Promise<Series> {
  const { metrics, dimensions, window, periodS } = asked
  const questions = metrics.map(metric => ({
    metric: metric.name,
    stat: metric.sum ? ('Sum' as const) : ('Average' as const),
    dimensions,
    periodS: periodOf(metric, periodS),
  }))
  const values = await metricValues(account, questions, window, periodS, signal)
  const series: Series = new Map()
  metrics.forEach((metric, i) => {
    for (const [t, value] of values[i] ?? []) lay(series, metric, t, value, periodS)
  })
  return zeroWhereSilent(series, metrics)
}

const periodOf = ({ everyFiveMinutes }: Metric, periodS: number): number =>
  everyFiveMinutes ? Math.max(FIVE_MINUTES, periodS) : periodS

/** A value of five minutes holds for each of the minutes in it. */
function lay(series: Series, metric: Metric, start: number, value: number, periodS: number): void {
  if (metric.negativeIsUnknown && value < 0) return
  const period = periodOf(metric, periodS)
  const measured = metric.sum ? value / period : value * (metric.factor ?? 1)
  for (let t = start; t < start + period * 1_000; t += periodS * 1_000) {
    const known = series.get(t)
    if (known) known[metric.signal] = measured
    else series.set(t, { [metric.signal]: measured })
  }
}

/**
 * DBLoad is published only while there is load. Where it is published at all, its silence in a period that has other metrics is
 * zero; where nothing is published, nothing is known.
 */
function zeroWhereSilent(series: Series, metrics: readonly Metric[]): Series {
  const signalsOf = (which: (metric: Metric) => boolean | undefined) =>
    metrics.filter(which).map(({ signal }) => signal)
  const silent = signalsOf(({ gapIsZero }) => gapIsZero)
  const steady = signalsOf(({ gapIsZero, everyFiveMinutes }) => !gapIsZero && !everyFiveMinutes)
  const has = (signals: Signals, signal: Signal) => signals[signal] !== undefined
  const spoken = silent.filter(signal => [...series.values()].some(signals => has(signals, signal)))
  for (const signals of series.values())
    if (steady.some(signal => has(signals, signal))) for (const signal of spoken) signals[signal] ??= 0
  return series
}
