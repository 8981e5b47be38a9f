// Gives every pool a size, so that all of them together fit into the usable slots.
import type { PoolShare } from '../../model/index.ts'
import { beyondSizes, poolBudget, starvedPool, withoutPool } from '../budget.ts'
import { type Prediction, predict } from '../predict.ts'
import { NO_PERMISSIONS, percent, type Remedy } from '../remedy.ts'
import type { Situation } from '../situation.ts'
import { notDone } from '../work.ts'

export const poolSize: Remedy = {
  code: 'pool-size',
  answers: ['pools-oversubscribed', 'connection-leak', 'load-surge'],
  risk: 'low',
  outage: 'none',
  permissions: NO_PERMISSIONS,
  verify:
    'slots in use stay below the sum of the sizes at the busiest time, and the pools’ own queues are short',
  weigh(s) {
    if (s.finding.cause === 'pooler-exhausted')
      return {
        title: 'pool sizes',
        reason: 'the sessions are those of the pooler, and its own size is what is short',
      }
    const budget = poolBudget(s)
    if (!budget) {
      return s.usable === undefined || s.evidence.ticks.every(tick => !tick.sessions)
        ? undefined
        : { title: 'pool sizes', reason: 'there are more pools than slots: put a pooler before them' }
    }
    const fresh = withoutPool(s)
    const starved = starvedPool(s)
    const grown = budget.pools.filter(pool => starved?.isIt(pool) && pool.size > pool.held)
    const shrunk = budget.pools.filter(({ user, size, held }) => size < held || fresh.has(user))
    const changed = [...grown, ...shrunk]
    const freed = shrunk.reduce(
      (sum, pool) => sum + Math.min(idleOf(s, pool), Math.max(0, pool.held - pool.size)),
      0,
    )
    if (freed === 0 && fresh.size === 0 && grown.length === 0) return undefined
    const list = changed
      .slice(0, 4)
      .map(({ application, user, held, size }) => `${application || user} ${held} → ${size}`)
    const { usable, spare, bestConcurrency: best } = budget
    const more = grown.reduce((sum, { size, held }) => sum + size - held, 0)
    const likely = starved ? Math.min(more, Math.ceil(starved.wanted.mean) - grownHeld(grown)) : 0
    const effect = predict(
      s,
      {
        relieves: beyondSizes(budget.pools),
        slots: { certain: freed - more, likely: freed - likely },
        endsGrowth: true,
        bounded: true,
      },
      `one and a half times the most that each used at once; together ${usable - spare} of ${usable} usable slots${best === undefined ? '' : `; the server did most with ${best.toFixed(0)} at work`}`,
    )
    return {
      horizon: 'for-good',
      title: `pool sizes: ${list.join(', ')}${changed.length > 4 ? ', …' : ''}`,
      effect: onlyMoved(s, effect),
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

const idleOf = ({ now }: Situation, { user, application, host }: PoolShare): number =>
  (now.at(-1)?.idle ?? [])
    .filter(
      group =>
        (group.user ?? '?') === user &&
        (group.application ?? '') === application &&
        (group.host ?? '?') === host,
    )
    .reduce((sum, { count }) => sum + count, 0)

const grownHeld = (grown: readonly PoolShare[]): number => grown.reduce((sum, { held }) => sum + held, 0)

/** More work than the server can do is no less of it when it waits before the pools. */
function onlyMoved(s: Situation, effect: Prediction): Prediction {
  const unserved = notDone(s)
  if (!(unserved > 0)) return effect
  return {
    ...effect,
    unserved,
    summary: `${effect.summary}; cures nothing by itself: about ${percent(unserved)} of the requests are more than the server can do, and wait and fail before the pools instead; turn them away early, or add capacity`,
  }
}
