// Moves the ceiling. Says how long that would last.
import { dialectOf } from '../dialect.ts'
import type { Remedy } from '../remedy.ts'

export const maxConnections: Remedy = {
  code: 'max-connections',
  weigh({ growthPerS, evidence, usable, finding }) {
    const { limits } = evidence
    if (!limits || usable === undefined) return undefined
    const title = 'raising max_connections'
    const needsRestart = dialectOf(evidence.target.engine).ceilingNeedsRestart
    const price = needsRestart ? 'needs a restart, which ends every session' : 'costs memory for each session'
    if (growthPerS === undefined) {
      return { title, reason: `moves the ceiling, not the cause (${finding.cause}), and ${price}` }
    }
    const seconds = Math.round(limits.maxConnections / growthPerS)
    return {
      title,
      reason: `twice as many (${2 * limits.maxConnections}) would last ${seconds} s: ${growthPerS.toFixed(1)} more slots are taken every second; ${price}`,
    }
  },
}
