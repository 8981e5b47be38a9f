// Makes evidence of what the sources said: one clock, one value for each signal, gaps where nobody measured.
import {
  AppError,
  type Evidence,
  type EvidenceEvent,
  type Instance,
  type Limits,
  type Target,
  type Tick,
} from '../../model/index.ts'
import { isHeldToBaseline, type Shape } from '../catalog/index.ts'
import type { Series } from '../cloudwatch/series.ts'
import type { Database } from '../describe/database.ts'
import { closedBecause, standbyEvent, stateEvents } from '../describe/state.ts'
import { lastTick, type Parts, type Question } from './ask.ts'
import type { Attempts } from './attempt.ts'
import { ceilingEvents } from './ceiling.ts'
import { ticksOf, withCeiling } from './ticks.ts'

/** Of two sources of one signal the finer one counts. */
export function evidenceOf(
  name: string,
  region: string | undefined,
  question: Question,
  parts: Parts,
): Evidence {
  const { database, span } = question
  const { shape, metrics, insights, counters = new Map(), ceilings, proxies } = parts
  const sampled = insights?.series ?? new Map()
  const ticks = ticksOf(span.range, span.periodS, [withoutLoad(metrics, sampled), counters, sampled]).map(
    tick => ({ ...tick, ...statementsAt(tick, insights) }),
  )
  const limits = limitsOf(ceilings?.limits, ticks.findLast(({ signals }) => signals.max_connections)?.signals)
  const events = [
    ...(parts.events ?? []),
    ...(insights?.events ?? []),
    ...(proxies?.events ?? []),
    ...(parts.network ?? []),
    ...(parts.capacity ?? []),
    ...ceilingEvents(ticks, database, shape, span.suspect),
    ...(database.resourceId ? [standbyEvent(database, span.range.from)] : []),
    ...stateEvents(database, lastTick(question)),
    ...classEvents(ceilings, lastTick(question)),
  ]
  return {
    target: targetOf(name, region, database, shape),
    ...span.range,
    tickMs: span.periodS * 1_000,
    ...(limits ? { limits } : {}),
    ...(span.suspect ? { window: span.suspect } : {}),
    ticks: withCeiling(isHeldToBaseline(database.instanceClass) ? ticks : withoutCredits(ticks), limits),
    probes: [],
    failures: proxies?.failures ?? [],
    statements: insights?.statements ?? [],
    events: events.sort((a, b) => a.t - b.t),
  }
}

/** Where load was sampled, nobody is listed who had none of it. */
const statementsAt = ({ t }: Tick, insights: Parts['insights']): Pick<Tick, 'byStatement'> =>
  insights?.series.has(t) ? { byStatement: insights.byStatement.get(t) ?? [] } : {}

/** The ceiling that comes with the class, and what a larger one would bring. */
function classEvents(ceilings: Parts['ceilings'], t: number): EvidenceEvent[] {
  if (!ceilings || ceilings.larger.length === 0) return []
  const larger = ceilings.larger.map(
    ({ instanceClass, maxConnections: n }) => `about ${n} with ${instanceClass}`,
  )
  const message = `max_connections follows the memory of the class: ${larger.join(', ')}`
  return [{ t, source: 'catalog', kind: 'setting', message }]
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

/** A balance that holds nothing back must not be taken for the reason of anything. */
const withoutCredits = (ticks: Tick[]): Tick[] =>
  ticks.map(({ signals: { cpu_credit_balance, ...signals }, ...tick }) => ({ ...tick, signals }))

/** What the server itself counts to is better than what its formula comes to. */
const limitsOf = (
  limits: Limits | undefined,
  counted: { max_connections?: number } | undefined,
): Limits | undefined =>
  counted?.max_connections === undefined
    ? limits
    : { reserved: {}, ...limits, maxConnections: Math.round(counted.max_connections) }

export function targetOf(
  name: string,
  region: string | undefined,
  database: Database,
  shape?: Shape,
): Target {
  const { product, engine, version, instanceClass } = database
  const known = engine ? version : `${product} ${version}`.trim()
  return {
    name,
    engine: engine ?? 'other',
    ...(known ? { engineVersion: known } : {}),
    ...(instanceClass ? { instanceClass } : {}),
    ...(shape ? { vcpus: shape.vcpus, memoryBytes: shape.memoryBytes } : {}),
    ...(database.resourceId ? { instance: instanceOf(region, database) } : {}),
  }
}

function instanceOf(region: string | undefined, database: Database): Instance {
  const { id, product, multiAz, storage, parameterGroup, cluster, replicaOf, pending } = database
  const members = cluster?.members.map(one => one.id).filter(one => one !== id)
  const replicas = members ?? database.replicas
  return {
    id,
    resourceId: database.resourceId,
    ...(region === undefined ? {} : { region }),
    product,
    multiAz,
    storage,
    ...(parameterGroup ? { parameterGroup: parameterGroup.name } : {}),
    ...(cluster
      ? { cluster: { id: cluster.id, readers: cluster.members.filter(({ isWriter }) => !isWriter).length } }
      : {}),
    ...(replicaOf === undefined ? {} : { replicaOf }),
    ...(replicas.length > 0 ? { replicas } : {}),
    pending,
  }
}

/** Why nobody can connect, or why nothing could be measured. */
export function problemOf(
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

export function notesOf({ ceilings, counters }: Parts): string[] {
  const exact = [...(counters?.values() ?? [])].some(({ max_connections: max }) => max !== undefined)
  return ceilings?.estimated && !exact
    ? [
        `max_connections is a formula of the class's memory, which AWS does not publish: ${ceilings.limits.maxConnections} is an estimate, a few percent off`,
      ]
    : []
}
