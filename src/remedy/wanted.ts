// How many connections somebody wants at once who is refused some: Little's law, on what a limit cuts off.
import { mean } from '../load/index.ts'
import type { FailureCount, IdleGroup, SessionSample, Tick } from '../model/index.ts'
import type { Scene } from './situation.ts'

export interface Wanted {
  /** At once on average, and hardly ever more. */
  mean: number
  most: number
  /** Attempts refused a second, and how long a connection is in use each time, milliseconds. */
  refusedPerS: number
  heldMs: number
}

type Who = Pick<SessionSample, 'user' | 'application' | 'database'>

/** What was refused of late says what is wanted now, milliseconds. */
const OF_LATE_MS = 10_000
/** Whoever leaves a connection alone for longer does not use it, and wants no other one. */
export const IN_HAND_MS = 1_000
/** Of Poisson arrivals hardly ever more than this many deviations above the mean are there at once. */
const DEVIATIONS = 3

/**
 * What has all of its connections in use turns away the rest: those it has, and λ × W for what is refused. Undefined where no
 * refusal is known, or where connections are left alone: then more of them would be, too.
 */
export function wantedBy(
  s: Scene,
  isOwn: (who: Who) => boolean,
  isRefusal: (failure: FailureCount) => boolean,
): Wanted | undefined {
  const { to } = s.diagnosis.incident ?? s.evidence
  const refused = s.evidence.failures.filter(one => one.t >= to - OF_LATE_MS && one.t < to && isRefusal(one))
  const seconds = Math.min(OF_LATE_MS, to - s.evidence.from) / 1000
  const refusedPerS = refused.reduce((sum, { count }) => sum + count, 0) / seconds
  const uses = s.now.map(tick => useIn(tick, isOwn))
  const held = mean(uses.map(({ count }) => count))
  const heldMs = mean(uses.flatMap(({ heldMs }) => heldMs ?? []))
  if (!(refusedPerS > 0) || !(held > 0) || !(heldMs >= 0) || heldMs > IN_HAND_MS) return undefined
  const wanted = held + (refusedPerS * heldMs) / 1000
  return { mean: wanted, most: Math.ceil(wanted + DEVIATIONS * Math.sqrt(wanted)), refusedPerS, heldMs }
}

/** The oldest of n that are all used again and again has been as it is for n ÷ (n + 1) of a use. */
function useIn(tick: Tick, isOwn: (who: Who) => boolean): { count: number; heldMs?: number } {
  const idle: IdleGroup[] = (tick.idle ?? []).filter(isOwn)
  const others = (tick.sessions ?? []).filter(isOwn)
  const count = idle.reduce((sum, group) => sum + group.count, 0) + others.length
  const ages = [...idle.map(group => group.oldestStateAgeMs), ...others.map(one => one.stateAgeMs ?? 0)]
  return count === 0 ? { count } : { count, heldMs: (Math.max(...ages) * (count + 1)) / count }
}
