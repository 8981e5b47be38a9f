// Gives every pool a size, so that all of them together fit into the usable slots.
import { beyondSizes, poolBudget, withoutPool } from '../budget.ts'
import { predict } from '../predict.ts'
import { NO_PERMISSIONS, type Remedy } from '../remedy.ts'

export const poolSize: Remedy = {
  code: 'pool-size',
  answers: ['pools-oversubscribed', 'connection-leak', 'load-surge'],
  risk: 'low',
  outage: 'none',
  permissions: NO_PERMISSIONS,
  verify:
    'slots in use stay below the sum of the sizes at the busiest time, and the pools’ own queues are short',
  weigh(s) {
    const budget = poolBudget(s)
    if (!budget) {
      return s.usable === undefined || s.evidence.ticks.every(tick => !tick.sessions)
        ? undefined
        : { title: 'pool sizes', reason: 'there are more pools than slots: put a pooler before them' }
    }
    const fresh = withoutPool(s)
    const shrunk = budget.pools.filter(({ user, size, held }) => size < held || fresh.has(user))
    if (shrunk.length === 0) return undefined
    const last = s.now.at(-1)
    const idle = ({ user, application, host }: (typeof shrunk)[number]) =>
      (last?.idle ?? [])
        .filter(
          group =>
            (group.user ?? '?') === user &&
            (group.application ?? '') === application &&
            (group.host ?? '?') === host,
        )
        .reduce((sum, { count }) => sum + count, 0)
    const freed = shrunk.reduce(
      (sum, pool) => sum + Math.min(idle(pool), Math.max(0, pool.held - pool.size)),
      0,
    )
    if (freed === 0 && fresh.size === 0) return undefined
    const list = shrunk
      .slice(0, 4)
      .map(({ application, user, held, size }) => `${application || user} ${held} → ${size}`)
    const { usable, spare, bestConcurrency: best } = budget
    return {
      horizon: 'for-good',
      title: `pool sizes: ${list.join(', ')}${shrunk.length > 4 ? ', …' : ''}`,
      effect: predict(
        s,
        {
          relieves: beyondSizes(budget.pools),
          slots: { certain: freed, likely: freed },
          endsGrowth: true,
          bounded: true,
        },
        `one and a half times the most that each used at once; together ${usable - spare} of ${usable} usable slots${best === undefined ? '' : `; the server did most with ${best.toFixed(0)} at work`}`,
      ),
      cost: 'a request waits in its pool instead of in the database when all are in use',
      reversible: true,
      budget,
      steps: [],
      commands: budget.pools.map(
        ({ application, user, host, size }) =>
          `${application || user} on ${host}: at most ${size} connections`,
      ),
    }
  },
}
