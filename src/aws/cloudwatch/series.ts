// All metrics of a database over a stretch of time, in as few calls as CloudWatch allows.
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import type { Interval, Signal, Signals } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Metric } from './metric.ts'

/** Signals by the start of their period, epoch milliseconds. */
export type Series = Map<number, Signals>

export interface Question {
  metrics: readonly Metric[]
  dimensions: Record<string, string>
  window: Interval
  /** 60, 300 or 3600. */
  periodS: number
}

/** Points an answer may have, and queries a call: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const MAX_POINTS = 100_800
const FIVE_MINUTES = 300
const MAX_PAGES = 10

/** Throws AppError. */
export async function metricSeries(account: Account, asked: Question, signal?: AbortSignal): Promise<Series> {
  const { metrics, window, periodS } = asked
  const { GetMetricDataCommand } = await import('@aws-sdk/client-cloudwatch')
  const series: Series = new Map()
  const longest = Math.floor(MAX_POINTS / metrics.length) * periodS * 1_000
  for (let from = window.from; from < window.to; from += longest) {
    const input = {
      MetricDataQueries: metrics.map((metric, i) => queryOf(metric, i, asked)),
      StartTime: new Date(from),
      EndTime: new Date(Math.min(window.to, from + longest)),
      ScanBy: 'TimestampAscending' as const,
    }
    let NextToken: string | undefined
    for (let page = 0; page < MAX_PAGES; page++) {
      const command = new GetMetricDataCommand({ ...input, NextToken })
      const answer = await account.call('cloudwatch:GetMetricData', (cw, o) => cw.send(command, o), signal)
      for (const { Id, Timestamps = [], Values = [] } of answer.MetricDataResults ?? []) {
        const metric = metrics[Number(Id?.slice(1))]
        if (metric) lay(series, metric, Timestamps, Values, periodS)
      }
      NextToken = answer.NextToken
      if (!NextToken) break
    }
  }
  return zeroWhereSilent(series, metrics)
}

const queryOf = (metric: Metric, i: number, { dimensions, periodS }: Question): MetricDataQuery => ({
  Id: `m${i}`,
  MetricStat: {
    Metric: {
      Namespace: 'AWS/RDS',
      MetricName: metric.name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: periodOf(metric, periodS),
    Stat: metric.sum ? 'Sum' : 'Average',
  },
  ReturnData: true,
})

const periodOf = ({ everyFiveMinutes }: Metric, periodS: number): number =>
  everyFiveMinutes ? Math.max(FIVE_MINUTES, periodS) : periodS

/** A value of five minutes holds for each of the minutes in it. */
function lay(series: Series, metric: Metric, times: Date[], values: number[], periodS: number) {
  const period = periodOf(metric, periodS)
  times.forEach((time, i) => {
    const value = values[i]
    if (value === undefined || (metric.negativeIsUnknown && value < 0)) return
    const measured = metric.sum ? value / period : value * (metric.factor ?? 1)
    for (let t = time.getTime(); t < time.getTime() + period * 1_000; t += periodS * 1_000) {
      const known = series.get(t)
      if (known) known[metric.signal] = measured
      else series.set(t, { [metric.signal]: measured })
    }
  })
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
