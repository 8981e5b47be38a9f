// What a remedy is weighed against: the incident as it stands now, and the time before it.
import { blocking, growthPerSecond, load, mean, type Point, poolKey, slotsByPool } from '../load/index.ts'
import {
  type Diagnosis,
  type Effect,
  type Evidence,
  type Finding,
  slotsUsed,
  type Tick,
  usableSlots,
} from '../model/index.ts'

/** The state of now is the mean of this many samples. */
const NOW_TICKS = 3

export interface Situation {
  evidence: Evidence
  diagnosis: Diagnosis
  finding: Finding
  before: Tick[]
  now: Tick[]
  aas: number
  slots: number
  usable: number | undefined
  /** Slots taken a second while the level rose; undefined when it did not rise in the evidence. */
  growthPerS: number | undefined
}

export function situation(evidence: Evidence, diagnosis: Diagnosis, finding: Finding): Situation {
  const { incident } = diagnosis
  const sampled = evidence.ticks.filter(tick => tick.sessions)
  const before = sampled.filter(tick => incident && tick.t < Math.min(incident.from, incident.onset))
  const now = sampled.filter(tick => !incident || tick.t < incident.to).slice(-NOW_TICKS)
  const usable = evidence.limits && usableSlots(evidence.limits)
  return {
    evidence,
    diagnosis,
    finding,
    before,
    now,
    aas: load(now).aas,
    slots: meanOf(now, tick => slotsUsed(tick) ?? 0),
    usable,
    growthPerS: usable === undefined ? undefined : growth(sampled, before, usable),
  }
}

/** Of the incident, with the last level before it; of everything where the incident began with all slots taken. */
function growth(sampled: Tick[], before: Tick[], usable: number): number | undefined {
  const level = sampled.flatMap((tick): Point[] => {
    const y = slotsUsed(tick)
    return y === undefined ? [] : [{ x: tick.t / 1000, y }]
  })
  const start = (before.at(-1)?.t ?? 0) / 1000
  return (
    growthPerSecond(
      level.filter(({ x }) => x >= start),
      usable,
    ) ?? growthPerSecond(level, usable)
  )
}

export const meanOf = (ticks: readonly Tick[], of: (tick: Tick) => number): number => mean(ticks.map(of)) || 0

/** What is left when `sessions` stop being active and `slots` come free. */
export function effect(
  s: Situation,
  change: { sessions: number; slots: number; connectsRecover: boolean; summary: string },
): Effect {
  const after = s.slots - change.slots
  return {
    aas: { before: s.aas, after: Math.max(0, s.aas - change.sessions) },
    slots: { before: s.slots, after: Math.max(0, after) },
    sessionsFreed: Math.round(change.sessions),
    slotsFreed: Math.round(change.slots),
    connectsRecover: change.connectsRecover,
    summary: change.summary,
  }
}

/**
 * Slots that come free when the given sessions end their work: each pool keeps what it had before the incident and lets the rest go.
 * Without a time before, nobody knows what the pools keep: only `certain` slots are promised.
 */
export function slotsGivenBack(s: Situation, waiting: ReadonlySet<string>, certain: number): number {
  if (s.before.length === 0) return certain
  const usual = slotsByPool(s.before)
  const last = s.now.at(-1)
  const waits = new Map<string, number>()
  for (const session of last?.sessions ?? []) {
    if (waiting.has(session.id)) waits.set(poolKey(session), (waits.get(poolKey(session)) ?? 0) + 1)
  }
  const freed = [...slotsByPool(last ? [last] : [])].map(([pool, slots]) =>
    Math.min(waits.get(pool) ?? 0, Math.max(0, slots - (usual.get(pool) ?? 0))),
  )
  return certain + freed.reduce((sum, n) => sum + n, 0)
}

/** Sessions that wait for one, directly or through others: in the last sample, and on average now. */
export function waitingBehind({ now }: Situation, id: string): { last: Set<string>; mean: number } {
  const sets = now.map(tick => {
    const waitersOf = new Map<string, string[]>()
    for (const [waiter, parent] of blocking(tick).parentOf) {
      const others = waitersOf.get(parent)
      if (others) others.push(waiter)
      else waitersOf.set(parent, [waiter])
    }
    // A set takes in what is added while it is walked, and nothing twice: circles end.
    const found = new Set([id])
    for (const at of found) for (const waiter of waitersOf.get(at) ?? []) found.add(waiter)
    found.delete(id)
    return found
  })
  const at = new Map(now.map((tick, i) => [tick, sets[i]!.size]))
  return { last: sets.at(-1) ?? new Set(), mean: meanOf(now, tick => at.get(tick) ?? 0) }
}
