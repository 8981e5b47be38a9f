// Open-loop arrivals: requests come whether or not the ones before them were answered, as they do in life.
import { exponentialGapMs, type Random } from './random.ts'

/** A rate that rises meanwhile is noticed within this time: a gap of a quiet minute must not outlast the quiet. */
const LOOK_MS = 50

/** Calls `onArrival` as a Poisson process whose rate is `perS` a second at each moment. Returns how to stop it. */
export const startArrivals = (perS: () => number, random: Random, onArrival: () => void): (() => void) => {
  // In expected arrivals, not in time: exponential with mean 1, whatever the rate comes to be.
  const gap = () => exponentialGapMs(random, 1000)
  let toGo = gap()
  let lookedAt = performance.now()
  let timer: NodeJS.Timeout
  const look = () => {
    const now = performance.now()
    const rate = perS()
    // Timers are late under load; arrivals that fell due meanwhile must not be lost.
    for (toGo -= (rate * (now - lookedAt)) / 1000; toGo <= 0; toGo += gap()) onArrival()
    lookedAt = now
    timer = setTimeout(look, Math.min(LOOK_MS, (1000 * toGo) / rate))
  }
  look()
  return () => clearTimeout(timer)
}
