// The slot ledger: who holds the connection slots, and in which state.
import {
  type IdleGroup,
  idleCount,
  type SessionSample,
  type SessionState,
  type SlotHolder,
  type Tick,
} from '../model/index.ts'
import { type Census, census } from './census.ts'

/** Slots by state; what no session accounts for is Spillway's own. */
export function slotsByState(
  tick: Tick,
  { byState }: Census = census(tick.sessions),
): Partial<Record<SessionState | 'spillway', number>> {
  const found: Partial<Record<SessionState | 'spillway', number>> = { ...byState }
  if (idleCount(tick) > 0) found.idle = (found.idle ?? 0) + idleCount(tick)
  const own = (tick.signals.connections ?? 0) - (tick.sessions?.length ?? 0) - idleCount(tick)
  if (tick.sessions && own > 0) found.spillway = own
  return found
}

/** Who holds the slots of one tick, most first. */
export function holders(tick: Tick): SlotHolder[] {
  const found = new Map<string, SlotHolder>()
  const of = ({ user = '?', application = '', host = '?' }: SessionSample | IdleGroup): SlotHolder => {
    const key = JSON.stringify([user, application, host])
    const empty = { slots: 0, active: 0, idleInTransaction: 0, idle: 0, waiting: 0 }
    const holder = found.get(key) ?? { user, application, host, ...empty }
    found.set(key, holder)
    return holder
  }
  for (const session of tick.sessions ?? []) {
    const holder = of(session)
    holder.slots++
    if (session.state === 'active') holder.active++
    if (session.state === 'idle') holder.idle++
    if (session.state.startsWith('idle in')) holder.idleInTransaction++
    if (session.waitClass === 'Lock') holder.waiting++
  }
  for (const group of tick.idle ?? []) {
    const holder = of(group)
    holder.slots += group.count
    holder.idle += group.count
  }
  return [...found.values()].sort((a, b) => b.slots - a.slots || a.application.localeCompare(b.application))
}

/** Names a pool: one user and application, wherever it runs. */
export const poolKey = ({ user = '?', application = '' }: { user?: string; application?: string }): string =>
  `${user}\u0000${application}`

/** Mean of the slots that each pool held over some ticks, by `poolKey`. */
export function slotsByPool(ticks: readonly Tick[]): Map<string, number> {
  const found = new Map<string, number>()
  const add = (key: string, slots: number) => found.set(key, (found.get(key) ?? 0) + slots / ticks.length)
  for (const tick of ticks) {
    for (const session of tick.sessions ?? []) add(poolKey(session), 1)
    for (const group of tick.idle ?? []) add(poolKey(group), group.count)
  }
  return found
}
