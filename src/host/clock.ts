// The machine's time, as the watch is handed it.
import type { Clock } from '../model/index.ts'

/** Wall-clock time in whole milliseconds that never jumps: what it was at the start, plus what has passed since. */
export const wallClock = (): Clock => ({
  now: () => Math.round(performance.timeOrigin + performance.now()),
  sleep: (ms, signal) => (ms > 0 && !signal?.aborted ? sleep(ms, signal) : Promise.resolve()),
})

/** Leaner than that of node:timers/promises: every target of a fleet sleeps once a second, and each sleep is garbage. */
const sleep = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise(resolve => {
    const wake = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, ms)
    signal?.addEventListener('abort', wake)
  })
