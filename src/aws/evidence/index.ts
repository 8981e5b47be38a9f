// Everything AWS tells of one database over one stretch of time, as evidence.
import { AppError, type Evidence, type Limits, type Skipped, type Target } from '../../model/index.ts'
import { Account, type Identity } from '../account/index.ts'
import { type Shape, shapeOf } from '../catalog/index.ts'
import { metricsOf } from '../cloudwatch/metric.ts'
import { metricSeries, type Series } from '../cloudwatch/series.ts'
import type { Database } from '../describe/database.ts'
import { eventsOf } from '../describe/event.ts'
import { findDatabase } from '../describe/find.ts'
import { ceilingsOf } from '../describe/parameter.ts'
import { closedBecause, stateEvents } from '../describe/state.ts'
import { countersOf } from '../insights/counter.ts'
import { insightsOf } from '../insights/load.ts'
import type { RdsTarget } from '../target.ts'
import { Attempts } from './attempt.ts'
import { spread, ticksOf, withCeiling } from './ticks.ts'
import { type Asked, type Span, spanOf } from './window.ts'

export interface CloudOptions extends Identity, Asked {
  /** Epoch milliseconds. */
  now: number
  env: NodeJS.ProcessEnv
}

export interface Gathered {
  evidence: Evidence
  /** What could not be looked at, and why. */
  skipped: Skipped[]
  notes: string[]
  /** Why nobody can connect, or why nothing could be measured. */
  problem?: AppError
  /** Attempts by action, retries included. */
  calls: Partial<Record<string, number>>
}

const CLOUDWATCH_S = 60

/** Throws AppError when the database cannot be found or nobody is logged in to AWS. */
export async function gather(
  target: RdsTarget,
  options: CloudOptions,
  signal?: AbortSignal,
): Promise<Gathered> {
  const span = spanOf(options, options.now)
  const { region = target.region, ...identity } = { ...options, region: target.region ?? options.region }
  const account = new Account({ ...identity, ...(region === undefined ? {} : { region }) }, options.env)
  try {
    const attempts = new Attempts()
    const database =
      (await attempts.try('the instance', () => findDatabase(account, target.id, signal), true)) ??
      unseen(target.id)
    const parts = await ask(account, database, span, options.now, attempts, signal)
    const evidence = evidenceOf(nameOf(target, region), database, span, parts, options.now)
    const problem = problemOf(database, evidence, attempts)
    return {
      evidence,
      skipped: attempts.skipped,
      notes: notesOf(parts),
      ...(problem ? { problem } : {}),
      calls: account.ledger.counts,
    }
  } finally {
    account.close()
  }
}

type Parts = Awaited<ReturnType<typeof ask>>

/** All sources at once: they do not depend on each other. */
async function ask(
  account: Account,
  database: Database,
  span: Span,
  now: number,
  attempts: Attempts,
  signal?: AbortSignal,
) {
  const shape = shapeOf(database)
  if (!shape && database.instanceClass)
    attempts.skip('limits of the class', `${database.instanceClass} is not in the catalogue`)
  const window = insightsWindow(database, span, now, attempts)
  const options = window && { window, periodS: span.periodS }
  const metricS = Math.max(CLOUDWATCH_S, span.periodS)
  const [metrics, insights, counters, ceilings, events] = await Promise.all([
    attempts.try('metrics of CloudWatch', () =>
      metricSeries(
        account,
        {
          metrics: metricsOf(database),
          dimensions: { DBInstanceIdentifier: database.id },
          window: span.range,
          periodS: metricS,
        },
        signal,
      ),
    ),
    options && attempts.try('load by wait event', () => insightsOf(account, database, options, signal)),
    options && attempts.try('counters', () => countersOf(account, database, options, signal)),
    database.parameterGroup &&
      attempts.try('limits of the parameter group', () => ceilingsOf(account, database, shape, signal)),
    attempts.try('events of RDS', () => eventsOf(account, database, span.range, now, signal)),
  ])
  return {
    shape,
    metrics: spread(metrics ?? new Map(), metricS, span.periodS),
    insights,
    counters,
    ceilings,
    events,
  }
}

const DAY = 24 * 3_600_000

/** The stretch that Performance Insights still has; undefined when it is off or has none of it. */
function insightsWindow(
  { insights, id, resourceId }: Database,
  { range }: Span,
  now: number,
  attempts: Attempts,
) {
  const check = 'load by wait event'
  if (!resourceId) return undefined
  if (!insights.on) {
    attempts.skip(
      check,
      `Performance Insights is off for ${id} (aws rds modify-db-instance --db-instance-identifier ${id} --enable-performance-insights)`,
    )
    return undefined
  }
  const kept = now - insights.retentionDays * DAY + 60_000
  if (range.to <= kept) {
    attempts.skip(
      check,
      `Performance Insights keeps ${insights.retentionDays} days for ${id}: that time is over`,
    )
    return undefined
  }
  return { from: Math.max(range.from, Math.ceil(kept / 60_000) * 60_000), to: range.to }
}

function evidenceOf(name: string, database: Database, span: Span, parts: Parts, now: number): Evidence {
  const { shape, metrics, insights, counters, ceilings, events = [] } = parts
  const sampled = insights?.series ?? new Map()
  const series: Series[] = [withoutLoad(metrics, sampled), counters ?? new Map(), sampled]
  const ticks = ticksOf(span.range, span.periodS, series)
  const limits = limitsOf(ceilings?.limits, ticks.findLast(({ signals }) => signals.max_connections)?.signals)
  return {
    target: targetOf(name, database, shape),
    ...span.range,
    tickMs: span.periodS * 1_000,
    ...(limits ? { limits } : {}),
    ...(span.suspect ? { window: span.suspect } : {}),
    ticks: withCeiling(ticks, limits),
    probes: [],
    failures: [],
    statements: insights?.statements ?? [],
    events: [
      ...events,
      ...(insights?.events ?? []),
      ...stateEvents(database, Math.min(now, span.range.to - 1)),
    ].sort((a, b) => a.t - b.t),
  }
}

/** Where it was sampled, the mean of a minute must not fill a gap of seconds. */
function withoutLoad(metrics: Series, sampled: Series): Series {
  const since = Math.min(...sampled.keys())
  return new Map(
    [...metrics].map(([t, signals]) => {
      const { aas, aas_cpu, ...others } = signals
      return [t, t < since ? signals : others]
    }),
  )
}

/** What the server itself counts to is better than what its formula comes to. */
const limitsOf = (
  limits: Limits | undefined,
  counted: { max_connections?: number } | undefined,
): Limits | undefined =>
  counted?.max_connections === undefined
    ? limits
    : { reserved: {}, ...limits, maxConnections: Math.round(counted.max_connections) }

function targetOf(
  name: string,
  { product, engine, version, instanceClass }: Database,
  shape?: Shape,
): Target {
  return {
    name,
    engine: engine ?? 'other',
    ...(engine
      ? version
        ? { engineVersion: version }
        : {}
      : { engineVersion: `${product} ${version}`.trim() }),
    ...(instanceClass ? { instanceClass } : {}),
    ...(shape ? { vcpus: shape.vcpus, memoryBytes: shape.memoryBytes } : {}),
  }
}

const nameOf = ({ id }: RdsTarget, region: string | undefined): string =>
  region === undefined ? `rds:${id}` : `rds:${id}@${region}`

/** Metrics can be asked for by the name alone. */
const unseen = (id: string): Database => ({
  id,
  resourceId: '',
  product: 'unknown',
  version: '',
  instanceClass: '',
  status: 'unknown',
  network: { subnetIds: [], securityGroupIds: [], isPublic: false },
  insights: { on: false, retentionDays: 0 },
  storage: { gib: 0, type: 'unknown' },
  pending: {},
  exports: [],
})

function problemOf(
  database: Database,
  { ticks, target }: Evidence,
  attempts: Attempts,
): AppError | undefined {
  const closed = closedBecause(database)
  if (closed)
    return new AppError(
      'not-ready',
      `${database.id} takes no connections: ${closed}`,
      'aws rds describe-events says more.',
    )
  if (ticks.some(({ signals }) => Object.keys(signals).length > 0)) return undefined
  return (
    attempts.denied ??
    new AppError(
      'no-answer',
      `AWS has no data of ${target.name} for that time`,
      'Was it there then? Ask for another time (--since, --until).',
    )
  )
}

const notesOf = ({ ceilings, counters }: Parts): string[] => {
  const exact = [...(counters?.values() ?? [])].some(({ max_connections: max }) => max !== undefined)
  return ceilings?.estimated && !exact
    ? [
        `max_connections is a formula of the class's memory, which AWS does not publish: ${ceilings.limits.maxConnections} is an estimate, a few percent off`,
      ]
    : []
}
