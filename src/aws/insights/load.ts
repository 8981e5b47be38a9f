// Load by wait class, by statement and by who: what Performance Insights sampled once a second.
import type { MetricQuery } from '@aws-sdk/client-pi'
import type { EngineName, EvidenceEvent, Signal, Signals, StatementDelta } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Series } from '../cloudwatch/series.ts'
import type { Database } from '../describe/database.ts'
import { type KeySeries, resourceMetrics } from './metrics.ts'
import { statementsOf } from './statement.ts'
import { waitClassOf } from './wait.ts'

export interface InsightsOptions {
  window: { from: number; to: number }
  periodS: number
  /** Takes the literals out of statement text. */
  redact(text: string): string
}

export interface Insights {
  series: Series
  statements: StatementDelta[]
  /** Who has most of the load. */
  events: EvidenceEvent[]
}

const LOAD = 'db.load.avg'
const MOST_WAITS = 25
const MOST_OTHERS = 10

/** Throws AppError. */
export async function insightsOf(
  account: Account,
  { resourceId, engine }: Database,
  { window, periodS, redact }: InsightsOptions,
  signal?: AbortSignal,
): Promise<Insights> {
  const asked = { resourceId, window, periodS }
  const told = await resourceMetrics(account, { ...asked, queries: queriesFor(engine) }, signal)
  const keys = told.map(key => redacted(key, redact))
  return {
    series: byWaitClass(engine, keys),
    statements: statementsOf(keys, periodS),
    events: mostOf(keys, window.to),
  }
}

/** A digest has question marks for literals, but not in every statement: a password may stand in one that is none of the usual. */
function redacted(key: KeySeries, redact: InsightsOptions['redact']): KeySeries {
  const { [STATEMENT]: text, ...others } = key.dimensions ?? {}
  const flat = text === undefined ? '' : redact(text)
  if (text === undefined) return key
  return { ...key, dimensions: { ...others, ...(flat === '' ? {} : { [STATEMENT]: flat }) } }
}

const STATEMENT = 'db.sql_tokenized.statement'

const by = (group: string, Limit: number, Metric = LOAD): MetricQuery => ({
  Metric,
  GroupBy: { Group: group, Limit },
})

/** Statement counts come from pg_stat_statements and from MySQL's digests. */
const STATEMENT_METRICS: Record<EngineName, string[]> = {
  postgres: ['calls_per_sec', 'total_time_per_sec'],
  mysql: ['count_star_per_sec', 'sum_timer_wait_per_sec'],
  mariadb: ['count_star_per_sec', 'sum_timer_wait_per_sec'],
}

const queriesFor = (engine: EngineName | undefined): MetricQuery[] => [
  { Metric: LOAD },
  by('db.wait_event', MOST_WAITS),
  by('db.sql_tokenized', MOST_OTHERS),
  by('db.user', MOST_OTHERS),
  by('db.host', MOST_OTHERS),
  ...(engine === undefined ? [] : [by('db', MOST_OTHERS)]),
  ...(engine === 'postgres' ? [by('db.application', MOST_OTHERS)] : []),
  ...(engine === undefined ? [] : STATEMENT_METRICS[engine]).map(name =>
    by('db.sql_tokenized', MOST_OTHERS, `db.sql_tokenized.stats.${name}.avg`),
  ),
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

const WHO = {
  'db.wait_event.name': 'waits for',
  'db.user.name': 'user',
  'db.host.name': 'host',
  'db.application.name': 'application',
  'db.name': 'database',
  [STATEMENT]: 'statement',
} as const

/** The largest of each dimension, as a share of the load, in one line; nothing where there is no load. */
function mostOf(keys: KeySeries[], t: number): EvidenceEvent[] {
  const loads = keys.filter(({ metric }) => metric === LOAD)
  const total = sum(loads.find(({ dimensions }) => !dimensions))
  if (total <= 0) return []
  const parts = Object.entries(WHO).flatMap(([dimension, word]) => {
    const [most] = loads
      .filter(({ dimensions }) => dimensions?.[dimension] !== undefined)
      .sort((a, b) => sum(b) - sum(a))
    const share = Math.round((100 * sum(most)) / total)
    return most && share > 0 ? [`${word} ${short(most.dimensions![dimension]!)} ${share} %`] : []
  })
  return parts.length === 0
    ? []
    : [
        {
          t: t - 1,
          source: 'performance-insights',
          kind: 'most-load',
          message: `most of the load: ${parts.join(', ')}`,
        },
      ]
}

const sum = (key: KeySeries | undefined): number =>
  [...(key?.points.values() ?? [])].reduce((total, value) => total + value, 0)

const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}
