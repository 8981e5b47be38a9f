// GetResourceMetrics, page by page: the one call to Performance Insights.
import type { MetricQuery } from '@aws-sdk/client-pi'
import { AppError, type Interval } from '../../model/index.ts'
import type { Account } from '../account/index.ts'

/** One metric of one key over time. */
export interface KeySeries {
  metric: string
  /** Absent for the metric as a whole. */
  dimensions?: Record<string, string>
  /** By the start of the period, epoch milliseconds; a missing point is a gap. */
  points: Map<number, number>
}

export interface InsightsQuestion {
  /** DbiResourceId. */
  resourceId: string
  queries: MetricQuery[]
  window: Interval
  periodS: number
  /** All of one kind: where one is refused, the others are too. */
  alike?: true
}

/** Average active sessions. */
export const LOAD = 'db.load.avg'

/** Queries a call, keys a page, and pages before it is called too much. */
const MAX_QUERIES = 15
const PAGE = 25
const MAX_PAGES = 20

/** Refusals after which it is not one name that is wrong. */
const MAX_REFUSALS = 20

/**
 * One name that this engine or version does not have makes the whole call fail. Where the answer does not say which, the queries
 * are halved until it is alone; it is left out. Throws AppError.
 */
export async function resourceMetrics(
  account: Account,
  question: InsightsQuestion,
  signal?: AbortSignal,
): Promise<KeySeries[]> {
  const found: KeySeries[] = []
  const waiting = chunks(question.queries)
  let refused = 0
  let [answered, last]: [boolean, unknown] = [false, undefined]
  for (let queries = waiting.shift(); queries; queries = waiting.shift()) {
    try {
      found.push(...(await allPages(account, { ...question, queries }, signal)))
      answered = true
    } catch (error) {
      if (!isInvalid(error)) throw error
      last = error
      if (question.alike || ++refused > MAX_REFUSALS) break
      waiting.unshift(...withoutWrong(queries, String(error)))
    }
  }
  if (!answered && last) throw last
  return found
}

function withoutWrong(queries: MetricQuery[], message: string): MetricQuery[][] {
  const others = queries.filter(({ Metric = '' }) => !message.includes(Metric))
  if (others.length < queries.length) return others.length > 0 ? [others] : []
  const half = Math.ceil(queries.length / 2)
  return queries.length > 1 ? [queries.slice(0, half), queries.slice(half)] : []
}

const chunks = (queries: MetricQuery[]): MetricQuery[][] =>
  Array.from({ length: Math.ceil(queries.length / MAX_QUERIES) }, (_, i) =>
    queries.slice(i * MAX_QUERIES, (i + 1) * MAX_QUERIES),
  )

/** A name or a range that Performance Insights does not have. */
export const isInvalid = (error: unknown): boolean =>
  error instanceof AppError && error.cause instanceof Error && error.cause.name === 'InvalidArgumentException'

async function allPages(
  account: Account,
  { resourceId, queries, window, periodS }: InsightsQuestion,
  signal: AbortSignal | undefined,
): Promise<KeySeries[]> {
  const { GetResourceMetricsCommand } = await import('@aws-sdk/client-pi')
  const found: KeySeries[] = []
  let NextToken: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const command = new GetResourceMetricsCommand({
      ServiceType: 'RDS',
      Identifier: resourceId,
      MetricQueries: queries,
      StartTime: new Date(window.from),
      EndTime: new Date(window.to),
      PeriodInSeconds: periodS,
      PeriodAlignment: 'START_TIME',
      MaxResults: PAGE,
      NextToken,
    })
    const answer = await account.call('pi:GetResourceMetrics', (pi, o) => pi.send(command, o), signal)
    for (const { Key, DataPoints = [] } of answer.MetricList ?? [])
      found.push({
        metric: Key?.Metric ?? '',
        ...(Key?.Dimensions ? { dimensions: Key.Dimensions } : {}),
        points: pointsOf(DataPoints),
      })
    NextToken = answer.NextToken
    if (!NextToken) break
  }
  return found
}

/** A point without a value was not measured. */
const pointsOf = (
  points: { Timestamp: Date | undefined; Value: number | undefined }[],
): Map<number, number> =>
  new Map(
    points.flatMap(({ Timestamp: at, Value: value }) =>
      at !== undefined && typeof value === 'number' && Number.isFinite(value) ? [[at.getTime(), value]] : [],
    ),
  )
