// The pools' limits add up to more than the usable slots: everybody holds a few too many, nobody is at fault alone.
import { holders, poolKey, slotsByPool } from '../../load/index.ts'
import type { SlotHolder, Tick } from '../../model/index.ts'
import { idleCount } from '../../model/index.ts'
import { type Case, failedForSlots, meanOver } from '../case.ts'
import {
  cannotTell,
  type Found,
  found,
  type Judgement,
  type Rule,
  ramp,
  ruledOut,
  speaksFor,
} from '../rule.ts'
import { percent, plural, round1 } from '../say.ts'
import { tally } from '../tally.ts'

/** Share of the usable slots in use from which pools can be said to fill them. */
const FULL = 0.9
/** Share of the idle sessions from which one application is at fault alone. */
const ALONE = 0.6
/** Share of the slots in use that idle pooled sessions hold. */
const IDLE = 0.5

export const poolsOversubscribed: Rule = { cause: 'pools-oversubscribed', judge }

function judge(c: Case): Judgement {
  const { usable } = c
  if (usable === undefined) return cannotTell('the limits of the server')
  if (!c.during.some(tick => tick.idle)) return cannotTell('idle sessions by application')
  const full = c.during.filter(tick => (tally(tick).slots ?? 0) >= FULL * usable)
  if (full.length === 0) {
    return ruledOut(
      `${round1(c.slotsDuring)} of ${usable} usable slots would be in use without the other causes`,
    )
  }
  const idle = meanOver(full, tick => idleCount(tick) / Math.max(1, tally(tick).slots ?? 0))
  if (idle < IDLE)
    return ruledOut(`only ${percent(idle)} of the slots in use are idle: the sessions are busy or stuck`)
  const pools = poolsOf(full.at(-1)!)
  const most = Math.max(...pools.map(pool => pool.idle)) / pools.reduce((sum, pool) => sum + pool.idle, 0)
  if (most > ALONE) return ruledOut(`one application alone holds ${percent(most)} of the idle sessions`)
  return found(finding(c, full, pools, idle))
}

/** Applications with idle sessions to give. */
const poolsOf = (tick: Tick): SlotHolder[] => holders(tick).filter(holder => holder.idle > 0)

function finding(c: Case, full: Tick[], pools: SlotHolder[], idle: number): Found {
  const held = pools.reduce((sum, pool) => sum + pool.slots, 0)
  const before = slotsByPool(c.before)
  const grown = pools
    .map(pool => ({ pool, by: pool.slots - (before.get(poolKey(pool)) ?? 0) }))
    .sort((a, b) => b.by - a.by)
  const newcomers = grown.filter(({ by, pool }) => by >= Math.max(2, pool.slots / 2))
  return {
    confidence: 0.5 + 0.3 * ramp(idle, IDLE, 0.8) + (failedForSlots(c.probes).length > 0 ? 0.2 : 0.1),
    onset: full[0]!.t,
    title: `${plural(pools.length, 'pool')} hold ${held} sessions, ${percent(idle)} of them idle`,
    because: `${plural(pools.length, 'pool')} together hold ${held} slots and use few of them: ${percent(idle)} are idle (${byRole(pools)})`,
    evidence: [
      speaksFor(`${percent(idle)} of the slots in use are idle, spread over ${plural(pools.length, 'pool')}`),
      ...(newcomers.length > 0 && c.before.length > 0
        ? [speaksFor(`since before the incident grew: ${byRole(newcomers.map(({ pool }) => pool))}`)]
        : []),
    ],
    subject: newcomers[0] ? { application: newcomers[0].pool.application, user: newcomers[0].pool.user } : {},
    remedies: ['pool-size', 'idle-session-timeout', 'max-connections', 'scale-up'],
    gone: () => ({ idle: group => group.count }),
  }
}

/** `web 32 in 8 pools, checkout 3`: the largest three. */
function byRole(pools: SlotHolder[]): string {
  const roles = [...new Set(pools.map(({ user }) => user))].map(user => {
    const own = pools.filter(pool => pool.user === user)
    const slots = own.reduce((sum, pool) => sum + pool.slots, 0)
    return { slots, text: `${user} ${slots}${own.length > 1 ? ` in ${own.length} pools` : ''}` }
  })
  const listed = roles.sort((a, b) => b.slots - a.slots).slice(0, 3)
  return [...listed.map(({ text }) => text), ...(roles.length > 3 ? ['…'] : [])].join(', ')
}
