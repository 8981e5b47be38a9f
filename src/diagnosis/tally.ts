// What a tick amounts to, counted once: a diagnosis asks every tick the same questions many times.
import {
  activeByWaitClass,
  activeSessions,
  type Census,
  census,
  type Load,
  mean,
  slotsByState,
  withSessions,
} from '../load/index.ts'
import {
  type ByWaitClass,
  connectionsOf,
  type IdleGroup,
  idleCount,
  type SessionSample,
  type SessionState,
  slotsTaken,
  type Tick,
  WAIT_CLASSES,
} from '../model/index.ts'

export interface Tally {
  /** Undefined for a gap, each of the first four. */
  active: number | undefined
  byWaitClass: ByWaitClass | undefined
  connections: number | undefined
  slots: number | undefined
  byState: Partial<Record<SessionState | 'spillway', number>>
  /** Of the sessions of the last sample. */
  census: Census
}

export function tally(tick: Tick): Tally {
  const known = TALLIES.get(tick)
  if (known) return known
  const counted = census(tick.sessions)
  const byState = slotsByState(tick, counted)
  const connections = connectionsOf(tick)
  const byWaitClass = activeByWaitClass(tick, counted)
  const made = {
    active: (tick.samples ?? 1) === 1 && tick.sessions ? (byState.active ?? 0) : activeSessions(tick),
    byWaitClass,
    connections,
    slots: connections && slotsTaken(connections, byState.starting ?? 0, tick.signals.usable_slots),
    byState,
    census: counted,
  }
  TALLIES.set(tick, made)
  return made
}

const TALLIES = new WeakMap<Tick, Tally>()

/** Which of a tick's sessions, and how many of an idle group, would be gone, were a cause away. */
export interface Gone {
  sessions?: readonly SessionSample[]
  idle?(group: IdleGroup): number
}

export interface Left {
  active: number
  slots: number
}

/** What would be left of a tick's load and slots; counted, since a copy of every tick for every cause costs seconds. */
export function leftOf(tick: Tick, gone: Gone): Left {
  const { active = 0, connections = 0, byState } = tally(tick)
  if ((tick.samples ?? 1) > 1) return burstLeft(remove(tick, gone))
  const left = { active, connections, starting: byState.starting ?? 0 }
  for (const { state } of gone.sessions ?? []) {
    left.connections--
    if (state === 'active') left.active--
    if (state === 'starting') left.starting--
  }
  for (const group of gone.idle ? (tick.idle ?? []) : []) left.connections -= gone.idle?.(group) ?? 0
  return {
    active: left.active,
    slots: slotsTaken(left.connections, left.starting, tick.signals.usable_slots),
  }
}

/** Of a burst the load is a mean of many samples, of which only the last one's sessions are known. */
function burstLeft(tick: Tick): Left {
  const { active = 0, slots = 0 } = tally(tick)
  return { active, slots }
}

/** Means over some ticks; a tick that is a gap counts for nothing, and 0 stands for no tick that counts. */
export function meanLeft(ticks: readonly Tick[], goneFrom: (tick: Tick) => Gone): Left {
  const [sum, n] = [
    { active: 0, slots: 0 },
    { active: 0, slots: 0 },
  ]
  for (const tick of ticks) {
    const { active, slots } = tally(tick)
    const left = leftOf(tick, goneFrom(tick))
    if (active !== undefined) n.active++
    if (slots !== undefined) n.slots++
    sum.active += left.active
    sum.slots += left.slots
  }
  return { active: sum.active / Math.max(1, n.active), slots: sum.slots / Math.max(1, n.slots) }
}

/** The load over some ticks; as `load`, but from what is counted already. */
export function meanLoad(ticks: readonly Tick[]): Load {
  const counted = ticks.map(tally).filter(({ active }) => active !== undefined)
  const byWaitClass: ByWaitClass = {}
  for (const { byWaitClass: own = {} } of counted) {
    for (const name of WAIT_CLASSES) {
      const value = own[name]
      if (value) byWaitClass[name] = (byWaitClass[name] ?? 0) + value / counted.length
    }
  }
  return {
    aas: mean(counted.map(({ active = 0 }) => active)) || 0,
    byWaitClass,
    ticks: counted.length,
    gaps: ticks.length - counted.length,
  }
}

/** The tick as it would be, its counts corrected. */
export function remove(tick: Tick, gone: Gone): Tick {
  const leaving = new Set(gone.sessions)
  const sessions = tick.sessions?.filter(sample => !leaving.has(sample))
  const idle = tick.idle
    ?.map(group => ({ ...group, count: group.count - (gone.idle?.(group) ?? 0) }))
    .filter(group => group.count > 0)
  const left = { ...(sessions ? withSessions(tick, sessions) : tick), ...(idle ? { idle } : {}) }
  const { connections } = left.signals
  if (connections === undefined) return left
  const less = sampled(tick) - sampled(left)
  return { ...left, signals: { ...left.signals, connections: connections - less } }
}

const sampled = (tick: Tick): number => (tick.sessions?.length ?? 0) + idleCount(tick)
