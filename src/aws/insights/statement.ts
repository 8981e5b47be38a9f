// What the busiest statements did in each period, by their digests: calls, and the time they took.
import type { StatementDelta } from '../../model/index.ts'
import type { KeySeries } from './metrics.ts'

const ID = 'db.sql_tokenized.id'
const TEXT = 'db.sql_tokenized.statement'
const CALLS = /\.(?:calls|count_star)_per_sec\.avg$/
const TIME = /\.(?:total_time|sum_timer_wait)_per_sec\.avg$/

/** Only statements whose calls are counted: load alone does not say how often something was called. */
export function statementsOf(keys: readonly KeySeries[], periodS: number): StatementDelta[] {
  const of = (pattern: RegExp) =>
    new Map(
      keys.flatMap(key => {
        const id = key.dimensions?.[ID]
        return id !== undefined && pattern.test(key.metric) ? [[id, key]] : []
      }),
    )
  const [calls, times] = [of(CALLS), of(TIME)]
  return [...calls]
    .flatMap(([statementId, { points, dimensions }]) => {
      const statement = dimensions?.[TEXT]
      return [...points].map(([t, rate]) => ({
        t,
        statementId,
        ...(statement === undefined ? {} : { statement }),
        calls: rate * periodS,
        totalMs: (times.get(statementId)?.points.get(t) ?? 0) * periodS,
      }))
    })
    .filter(({ calls }) => calls > 0)
    .sort((a, b) => a.t - b.t)
}
