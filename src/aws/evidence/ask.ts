// Asks all sources at once: they do not depend on each other. One that fails is skipped and said.
import type { Account } from '../account/index.ts'
import { shapeOf } from '../catalog/index.ts'
import { capacityEvents } from '../cloudwatch/capacity.ts'
import { metricsOf } from '../cloudwatch/metric.ts'
import { type ProxyTestimony, proxyTestimony } from '../cloudwatch/proxy.ts'
import { metricSeries, type Series } from '../cloudwatch/series.ts'
import type { Database } from '../describe/database.ts'
import { eventsOf } from '../describe/event.ts'
import { ceilingsOf } from '../describe/parameter.ts'
import { proxiesOf } from '../describe/proxy.ts'
import { countersOf } from '../insights/counter.ts'
import { insightsOf } from '../insights/load.ts'
import { networkEvents } from '../network/index.ts'
import type { Attempts } from './attempt.ts'
import { spread } from './ticks.ts'
import type { Span } from './window.ts'

export interface Question {
  account: Account
  database: Database
  span: Span
  /** Epoch milliseconds. */
  now: number
  attempts: Attempts
  /** Takes the literals out of statement text. */
  redact(text: string): string
  signal?: AbortSignal
}

export type Parts = Awaited<ReturnType<typeof askAll>>

const CLOUDWATCH_S = 60

/** Throws AppError only for what makes everything fail. */
export async function askAll(question: Question, client: string | undefined) {
  const { account, database, span, now, attempts, redact, signal } = question
  const shape = shapeOf(database)
  if (!shape && database.instanceClass)
    attempts.skip('limits of the class', `${database.instanceClass} is not in the catalogue`)
  const window = insightsWindow(question)
  const suspect = span.suspect ? { suspect: span.suspect } : {}
  const options = window && { window, periodS: span.periodS, redact, ...suspect }
  const [metrics, insights, counters, ceilings, events, proxies, network, capacity] = await Promise.all([
    attempts.try('metrics of CloudWatch', () => metricsAt(question)),
    options && attempts.try('load by wait event', () => insightsOf(account, database, options, signal)),
    options && attempts.try('counters', () => countersOf(account, database, options, signal)),
    attempts.try('limits of the parameter group', () => ceilingsOf(account, database, shape, signal)),
    attempts.try('events of RDS', () => eventsOf(account, database, span.range, now, signal)),
    attempts.try('RDS proxies', () => proxiesAt(question)),
    attempts.try('network rules', () => networkEvents(account, database, client, lastTick(question), signal)),
    attempts.try('capacity', () => capacityEvents(account, database, span.suspect ?? span.range, signal)),
  ])
  return {
    shape,
    metrics: metrics ?? new Map(),
    insights,
    counters,
    ceilings,
    events,
    proxies,
    network,
    capacity,
  }
}

/** What is said of now stands in the last tick. */
export const lastTick = ({ span, now }: Pick<Question, 'span' | 'now'>): number =>
  Math.min(now, span.range.to - 1)

async function metricsAt({ account, database, span, signal }: Question): Promise<Series> {
  const periodS = Math.max(CLOUDWATCH_S, span.periodS)
  const asked = {
    metrics: metricsOf(database),
    dimensions: { DBInstanceIdentifier: database.id },
    window: span.range,
    periodS,
  }
  return spread(await metricSeries(account, asked, signal), periodS, span.periodS)
}

async function proxiesAt(question: Question): Promise<ProxyTestimony> {
  const { account, database, span, signal } = question
  const proxies = await proxiesOf(account, database, lastTick(question), signal)
  const periodS = Math.max(CLOUDWATCH_S, span.periodS)
  const told = await Promise.all(
    proxies.map(proxy => proxyTestimony(account, proxy, span.range, periodS, signal)),
  )
  return {
    failures: told.flatMap(({ failures }) => failures),
    events: [...proxies, ...told].flatMap(({ events }) => events),
  }
}

const DAY = 24 * 3_600_000
const MINUTE = 60_000

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.Overview.Engines.html */
const isTooSmall = ({ engine, instanceClass }: Database): boolean =>
  (engine === 'mysql' || engine === 'mariadb') && /^db\.t(?:2|3|4g)\.(?:micro|small)$/.test(instanceClass)

/** The stretch that Performance Insights still has; undefined when it is off or has none of it. */
function insightsWindow({ database, span: { range }, now, attempts }: Question) {
  const { insights, id, resourceId } = database
  if (!resourceId) return undefined
  const skip = (reason: string) => attempts.skip('load by wait event', reason)
  if (!insights.on && isTooSmall(database)) {
    skip(`${database.instanceClass} is too small for Performance Insights of ${database.product}`)
    return undefined
  }
  if (!insights.on) {
    const command = `aws rds modify-db-instance --db-instance-identifier ${id} --enable-performance-insights`
    skip(`Performance Insights is off for ${id} (${command})`)
    return undefined
  }
  const kept = Math.ceil((now - insights.retentionDays * DAY) / MINUTE + 1) * MINUTE
  if (range.to <= kept) {
    skip(`Performance Insights keeps ${insights.retentionDays} days for ${id}: that time is over`)
    return undefined
  }
  return { from: Math.max(range.from, kept), to: range.to }
}
