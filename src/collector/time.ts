// Time as a watch needs it: never backwards, and for every target a place of its own within the tick.
import type { Clock } from '../model/index.ts'

/** A clock that stands still where the other one jumps back, and goes on with it from there. */
export function forward(clock: Clock): Clock {
  let [last, shift] = [clock.now(), 0]
  return {
    now() {
      const t = clock.now() + shift
      if (t < last) shift += last - t
      last = Math.max(last, t)
      return last
    },
    sleep: (ms, signal) => clock.sleep(ms, signal),
  }
}

/** Sleeps until `due`, however the clock jumps meanwhile; less than a tick at a time, for the same reason. */
export async function until(clock: Clock, due: number, mostMs: number, signal?: AbortSignal): Promise<void> {
  for (let left = due - clock.now(); left > 0 && !signal?.aborted; left = due - clock.now())
    await clock.sleep(Math.min(left, mostMs), signal)
}

/**
 * Milliseconds within a tick at which a target is looked at: always the same for one name, and spread evenly over many, so
 * that a thousand targets are not asked at one moment. FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function phaseMs(name: string, tickMs: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  // The low bits of FNV-1a are the weaker ones.
  return Math.floor(((hash >>> 8) / 2 ** 24) * tickMs)
}
