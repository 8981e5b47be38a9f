// After many failures in a row: a long pause, then a single trial.
import type { Clock } from '../model/index.ts'

export interface Breaker {
  /** Whether the time has come for an attempt. */
  readonly mayTry: boolean
  /** Milliseconds until then. */
  readonly pauseMs: number
  failed(): void
  /** An attempt succeeded, or there is another reason to believe that one would. */
  mended(): void
}

export interface BreakerOptions {
  /** Pauses after the first failures, milliseconds; each further failure has the last one. */
  pausesMs: readonly number[]
  /** From 0 to 1: each pause is shortened by up to half, lest all who lost one server come back at one moment. */
  random(): number
}

export function breaker(clock: Clock, { pausesMs, random }: BreakerOptions): Breaker {
  let [failures, tryAt] = [0, Number.NEGATIVE_INFINITY]
  return {
    get mayTry() {
      return clock.now() >= tryAt
    },
    get pauseMs() {
      return Math.max(0, tryAt - clock.now())
    },
    failed() {
      const pauseMs = pausesMs[Math.min(failures, pausesMs.length - 1)] ?? 0
      failures++
      tryAt = clock.now() + pauseMs * (1 - random() / 2)
    },
    mended() {
      ;[failures, tryAt] = [0, Number.NEGATIVE_INFINITY]
    },
  }
}
