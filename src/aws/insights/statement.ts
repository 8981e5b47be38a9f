// What the statements with most of the load did in each period, by their digests: calls, and the time they took.
import type { MetricQuery } from '@aws-sdk/client-pi'
import type { EngineName, StatementDelta, StatementLoad } from '../../model/index.ts'
import type { KeySeries } from './metrics.ts'

const GROUP = 'db.sql_tokenized'
export const STATEMENT_ID = 'db.sql_tokenized.id'
export const STATEMENT = 'db.sql_tokenized.statement'
/** As the database itself calls it; made up where it begins with `pi-`. */
const NATIVE_ID = 'db.sql_tokenized.db_id'

/** From pg_stat_statements and from MySQL's digests: calls, and milliseconds. */
const COUNTED: Record<EngineName, readonly [calls: string, time: string]> = {
  postgres: ['calls_per_sec', 'total_time_per_sec'],
  mysql: ['count_star_per_sec', 'sum_timer_wait_per_sec'],
  mariadb: ['count_star_per_sec', 'sum_timer_wait_per_sec'],
}
const CALLS = /\.(?:calls|count_star)_per_sec\.avg$/
const TIME = /\.(?:total_time|sum_timer_wait)_per_sec\.avg$/

/** Asked for one by one: the ten that are called most are not the ten that have most of the load. */
export const statementQueries = (engine: EngineName, top: readonly KeySeries[]): MetricQuery[] =>
  top.flatMap(({ dimensions = {} }) =>
    COUNTED[engine].map(name => ({
      Metric: `${GROUP}.stats.${name}.avg`,
      GroupBy: { Group: GROUP, Limit: 1 },
      Filter: { [STATEMENT_ID]: dimensions[STATEMENT_ID] ?? '' },
    })),
  )

/** Only statements whose calls are counted: load alone does not say how often something was called. */
export function statementsOf(
  top: readonly KeySeries[],
  counted: readonly KeySeries[],
  periodS: number,
): StatementDelta[] {
  const named = new Map(top.map(({ dimensions = {} }) => [dimensions[STATEMENT_ID], namesOf(dimensions)]))
  const of = (pattern: RegExp) =>
    new Map(
      counted.flatMap(key => {
        const id = key.dimensions?.[STATEMENT_ID]
        return id !== undefined && pattern.test(key.metric) ? [[id, key.points]] : []
      }),
    )
  const [calls, times] = [of(CALLS), of(TIME)]
  return [...calls]
    .flatMap(([id, points]) =>
      [...points].map(([t, rate]) => ({
        // As with a reading of the server's own counts: of the time up to it.
        t: t + periodS * 1_000,
        ...(named.get(id) ?? { statementId: id }),
        calls: rate * periodS,
        totalMs: (times.get(id)?.get(t) ?? 0) * periodS,
      })),
    )
    .filter(({ calls }) => calls > 0)
    .sort((a, b) => a.t - b.t)
}

/** A period in which a statement had no load has no point of it. */
export function loadsOf(top: readonly KeySeries[]): Map<number, StatementLoad[]> {
  const loads = new Map<number, StatementLoad[]>()
  for (const { dimensions = {}, points } of top)
    for (const [t, aas] of points) loads.set(t, [...(loads.get(t) ?? []), { ...namesOf(dimensions), aas }])
  return loads
}

/** The same statement has the same id where the database itself is sampled. */
function namesOf(dimensions: Record<string, string>): Pick<StatementDelta, 'statementId' | 'statement'> {
  const { [STATEMENT_ID]: id = '', [NATIVE_ID]: native = 'pi-', [STATEMENT]: statement } = dimensions
  return {
    statementId: native.startsWith('pi-') ? id : native,
    ...(statement === undefined ? {} : { statement }),
  }
}
