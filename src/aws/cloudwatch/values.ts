// GetMetricData: any number of metrics over a stretch of time, in as few calls as CloudWatch allows.
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import type { Interval } from '../../model/index.ts'
import type { Account } from '../account/index.ts'

export interface MetricQuestion {
  metric: string
  stat: 'Average' | 'Sum' | 'Maximum'
  dimensions: Record<string, string>
  /** Where the metric is not published as often as asked for. */
  periodS?: number
}

/** Points of an answer: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const MAX_POINTS = 100_800
const MAX_PAGES = 10

/** For each question its values by the start of their period, epoch milliseconds. Throws AppError. */
export async function metricValues(
  account: Account,
  questions: readonly MetricQuestion[],
  window: Interval,
  periodS: number,
  signal?: AbortSignal,
): Promise<Map<number, number>[]> {
  const { GetMetricDataCommand } = await import('@aws-sdk/client-cloudwatch')
  const found = questions.map(() => new Map<number, number>())
  const longest = Math.floor(MAX_POINTS / questions.length) * periodS * 1_000
  for (let from = window.from; from < window.to; from += longest) {
    const input = {
      MetricDataQueries: questions.map((question, i) => queryOf(question, i, periodS)),
      StartTime: new Date(from),
      EndTime: new Date(Math.min(window.to, from + longest)),
      ScanBy: 'TimestampAscending' as const,
    }
    let NextToken: string | undefined
    for (let page = 0; page < MAX_PAGES; page++) {
      const command = new GetMetricDataCommand({ ...input, NextToken })
      const answer = await account.call('cloudwatch:GetMetricData', (cw, o) => cw.send(command, o), signal)
      for (const { Id, Timestamps = [], Values = [] } of answer.MetricDataResults ?? [])
        Timestamps.forEach((at, i) => {
          const value = Values[i]
          if (value !== undefined) found[Number(Id?.slice(1))]?.set(at.getTime(), value)
        })
      NextToken = answer.NextToken
      if (!NextToken) break
    }
  }
  return found
}

const queryOf = (
  { metric, stat, dimensions, periodS }: MetricQuestion,
  i: number,
  asked: number,
): MetricDataQuery => ({
  Id: `m${i}`,
  MetricStat: {
    Metric: {
      Namespace: 'AWS/RDS',
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: periodS ?? asked,
    Stat: stat,
  },
  ReturnData: true,
})
