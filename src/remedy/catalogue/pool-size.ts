// Gives every pool a size, so that all of them together fit into the usable slots.
import { holders } from '../../load/index.ts'
import type { SlotHolder } from '../../model/index.ts'
import type { Remedy } from '../remedy.ts'
import { effect, type Situation } from '../situation.ts'

/** Slots left for people, migrations and the next deploy. */
const SPARE = 0.15

/** A pool of one makes every request wait for the one before it. */
const SMALLEST = 2

export const poolSize: Remedy = {
  code: 'pool-size',
  weigh(s) {
    const last = s.now.at(-1)
    if (!last || s.usable === undefined) return undefined
    const pools = holders(last).filter(pool => pool.idle + pool.active > 0)
    const budget = Math.floor(s.usable * (1 - SPARE))
    const needed = pools.map(pool => Math.max(SMALLEST, Math.ceil(1.5 * peakUse(s, pool))))
    const total = needed.reduce((sum, n) => sum + n, 0)
    const scale = Math.min(1, budget / total)
    const sizes = pools.map((pool, i) => ({ pool, size: Math.max(1, Math.floor(needed[i]! * scale)) }))
    const shrunk = sizes.filter(({ pool, size }) => size < pool.slots)
    if (shrunk.length === 0) return undefined
    const freed = shrunk.reduce((sum, { pool, size }) => sum + Math.min(pool.idle, pool.slots - size), 0)
    const list = shrunk
      .slice(0, 4)
      .map(({ pool, size }) => `${pool.application || pool.user} ${pool.slots} → ${size}`)
    return {
      horizon: 'for-good',
      title: `pool sizes: ${list.join(', ')}${shrunk.length > 4 ? ', …' : ''}`,
      effect: effect(s, {
        sessions: 0,
        slots: freed,
        connectsRecover: s.slots - freed < s.usable,
        summary: `one and a half times the most that each used at once; together ${sizes.reduce((sum, { size }) => sum + size, 0)} of ${s.usable} usable slots`,
      }),
      cost: 'a request waits in its pool instead of in the database when all are in use',
      reversible: true,
      commands: ['(in the configuration of each application)'],
    }
  },
}

/** The most sessions of a pool that worked at once in one sample; lock waits are not use. */
const peakUse = ({ evidence }: Situation, pool: SlotHolder): number =>
  Math.max(
    0,
    ...evidence.ticks.map(
      tick =>
        (tick.sessions ?? []).filter(
          ({ state, waitClass, user, application, host }) =>
            state === 'active' &&
            waitClass !== 'Lock' &&
            user === pool.user &&
            (application ?? '') === pool.application &&
            (host ?? 'local') === pool.host,
        ).length,
    ),
  )
