// Moves the ceiling. Says how long that would last, and whether the memory carries it.
import { memoryCeiling } from '../ceiling.ts'
import { dialectOf } from '../dialect.ts'
import { LASTING_S, predict } from '../predict.ts'
import { plural, type Remedy, TO_SET } from '../remedy.ts'
import { settingStep } from '../step.ts'

/** Less than this much more is not worth a restart. */
const WORTH = 1.25

export const maxConnections: Remedy = {
  code: 'max-connections',
  answers: ['pools-oversubscribed'],
  risk: 'medium',
  outage: 'restart',
  permissions: { ...TO_SET, iam: [...TO_SET.iam, 'rds:RebootDBInstance'] },
  verify: 'the server says the new number, and its memory holds at the busiest time',
  weigh(s) {
    const { takenPerS, evidence, usable, finding } = s
    const { limits, target } = evidence
    if (!limits || usable === undefined) return undefined
    const title = 'raising max_connections'
    const { ceilingNeedsRestart } = dialectOf(target.engine)
    const price = ceilingNeedsRestart
      ? 'needs a restart, which ends every session'
      : 'costs memory for each session'
    const next = 2 * limits.maxConnections
    const lasts = takenPerS > 0 ? limits.maxConnections / takenPerS : undefined
    if (lasts !== undefined && lasts < LASTING_S) {
      return {
        title,
        reason: `would only move the ceiling: twice as many (${next}) would last ${Math.round(lasts)} s: ${takenPerS.toFixed(1)} more slots are taken every second; ${price}`,
      }
    }
    if (finding.cause !== 'pools-oversubscribed')
      return { title, reason: `moves the ceiling, not the cause (${finding.cause}), and ${price}` }
    const carried = memoryCeiling(s)
    if (carried === undefined)
      return {
        title,
        reason: `moves the ceiling, not the cause (${finding.cause}), and ${price}; whether the memory carries it is not known`,
      }
    const after = Math.min(next, carried)
    if (after < WORTH * limits.maxConnections)
      return {
        title,
        reason: `the memory carries ${carried} connections by the reckoning of RDS, and ${limits.maxConnections} are allowed already; beyond that the instance may end as incompatible-parameters`,
      }
    return {
      horizon: 'for-good',
      title: `max_connections = ${after}`,
      effect: predict(
        s,
        { usable: usable + after - limits.maxConnections },
        `${plural(after - limits.maxConnections, 'slot')} more; idle sessions go on holding the others, and each costs memory`,
      ),
      cost: price,
      reversible: true,
      outage: ceilingNeedsRestart ? 'restart' : 'none',
      steps: [
        settingStep(target, {
          name: 'max_connections',
          before: limits.maxConnections,
          after,
          needsRestart: ceilingNeedsRestart,
        }),
      ],
      commands: [
        target.engine === 'postgres'
          ? `alter system set max_connections = ${after}`
          : `set global max_connections = ${after}`,
      ],
    }
  },
}
