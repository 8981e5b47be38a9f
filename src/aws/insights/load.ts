// Load by wait class, by statement and by who: what Performance Insights sampled once a second.
import type { MetricQuery } from '@aws-sdk/client-pi'
import type {
  EngineName,
  EvidenceEvent,
  Interval,
  Signal,
  Signals,
  StatementDelta,
  StatementLoad,
} from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Series } from '../cloudwatch/series.ts'
import type { Database } from '../describe/database.ts'
import { type InsightsQuestion, isInvalid, type KeySeries, LOAD, resourceMetrics } from './metrics.ts'
import { mostOf } from './most.ts'
import { loadsOf, STATEMENT, STATEMENT_ID, statementQueries, statementsOf } from './statement.ts'
import { waitClassOf } from './wait.ts'

export interface InsightsOptions {
  window: Interval
  periodS: number
  /** Whose load is told: of the suspect time. */
  suspect?: Interval
  /** Takes the literals out of statement text. */
  redact(text: string): string
}

export interface Insights {
  series: Series
  statements: StatementDelta[]
  /** The statements with most of the load, by the start of the period. */
  byStatement: Map<number, StatementLoad[]>
  /** Who has most of the load. */
  events: EvidenceEvent[]
}

const MOST_WAITS = 25
const MOST_OTHERS = 10

/** Throws AppError. */
export async function insightsOf(
  account: Account,
  { resourceId, engine, product }: Database,
  { window, periodS, redact, suspect = window }: InsightsOptions,
  signal?: AbortSignal,
): Promise<Insights> {
  const asked = { resourceId, window, periodS }
  const told = await resourceMetrics(account, { ...asked, queries: queriesFor(engine) }, signal)
  const keys = told.map(key => redacted(key, redact))
  const top = keys.filter(({ dimensions }) => dimensions?.[STATEMENT_ID] !== undefined)
  const queries = engine === undefined ? [] : statementQueries(engine, top)
  const counted = await resourceMetrics(account, { ...asked, queries, alike: true }, signal).catch(
    unknownName,
  )
  const blocking = await blockersOf(account, product, asked, signal)
  return {
    series: byWaitClass(engine, keys),
    statements: statementsOf(top, counted, periodS),
    byStatement: loadsOf(top),
    events: mostOf([...keys, ...blocking], suspect),
  }
}

/** Which session and object others wait for: only Aurora PostgreSQL says it, and not each version. */
const blockersOf = async (
  account: Account,
  product: string,
  asked: Omit<InsightsQuestion, 'queries'>,
  signal: AbortSignal | undefined,
): Promise<KeySeries[]> =>
  product === 'aurora-postgresql'
    ? resourceMetrics(
        account,
        { ...asked, queries: BLOCKERS.map(group => by(group, MOST_OTHERS)), alike: true },
        signal,
      ).catch(unknownName)
    : []

const BLOCKERS = ['db.blocking_session', 'db.blocking_object']

/** Not every version and setting counts statements. */
function unknownName(error: unknown): KeySeries[] {
  if (isInvalid(error)) return []
  throw error
}

/** A digest has question marks for literals, but not in every statement: a password may stand in one that is none of the usual. */
function redacted(key: KeySeries, redact: InsightsOptions['redact']): KeySeries {
  const { [STATEMENT]: text, ...others } = key.dimensions ?? {}
  const flat = text === undefined ? '' : redact(text)
  if (text === undefined) return key
  return { ...key, dimensions: { ...others, ...(flat === '' ? {} : { [STATEMENT]: flat }) } }
}

const by = (group: string, Limit: number): MetricQuery => ({
  Metric: LOAD,
  GroupBy: { Group: group, Limit },
})

const queriesFor = (engine: EngineName | undefined): MetricQuery[] => [
  { Metric: LOAD },
  by('db.wait_event', MOST_WAITS),
  by('db.sql_tokenized', MOST_OTHERS),
  by('db.user', MOST_OTHERS),
  by('db.host', MOST_OTHERS),
  ...(engine === undefined ? [] : [by('db', MOST_OTHERS)]),
  ...(engine === 'postgres' ? [by('db.application', MOST_OTHERS)] : []),
]

/** What is beyond the most frequent events stays in the total and goes to `aas_other`. */
function byWaitClass(engine: EngineName | undefined, keys: KeySeries[]): Series {
  const series: Series = new Map()
  const total = keys.find(({ metric, dimensions }) => metric === LOAD && !dimensions)
  for (const [t, aas] of total?.points ?? []) series.set(t, { aas })
  const waits = keys.filter(
    ({ metric, dimensions }) => metric === LOAD && dimensions?.[WAIT_NAME] !== undefined,
  )
  for (const signals of series.values()) for (const signal of CLASS_SIGNALS) signals[signal] = 0
  for (const { dimensions, points } of waits) {
    const name = waitClassOf(engine, dimensions?.['db.wait_event.type'] ?? '', dimensions?.[WAIT_NAME] ?? '')
    const signal = `aas_${name.toLowerCase()}` as Signal
    for (const [t, value] of points) add(series.get(t), signal, value)
  }
  for (const signals of series.values()) {
    const known = CLASS_SIGNALS.reduce((sum, signal) => sum + (signals[signal] ?? 0), 0)
    add(signals, 'aas_other', Math.max(0, (signals.aas ?? 0) - known))
  }
  return series
}

const WAIT_NAME = 'db.wait_event.name'

const CLASS_SIGNALS = [
  ...(['aas_cpu', 'aas_io', 'aas_commit', 'aas_lock', 'aas_lwlock'] as const),
  ...(['aas_ipc', 'aas_client', 'aas_timeout', 'aas_other'] as const),
]

const add = (signals: Signals | undefined, signal: Signal, value: number) => {
  if (signals) signals[signal] = (signals[signal] ?? 0) + value
}
