// Open-loop arrivals: requests come whether or not the ones before them were answered, as they do in life.
import { exponentialGapMs, type Random } from './random.ts'

/** Calls `onArrival` as a Poisson process of `perS` a second, read anew for each gap. Returns how to stop it. */
export const startArrivals = (perS: () => number, random: Random, onArrival: () => void): (() => void) => {
  const gapMs = () => exponentialGapMs(random, perS())
  let due = performance.now() + gapMs()
  let timer: NodeJS.Timeout
  const arrive = () => {
    // Timers are late under load; arrivals that fell due meanwhile must not be lost.
    for (const now = performance.now(); due <= now; due += gapMs()) onArrival()
    timer = setTimeout(arrive, due - performance.now())
  }
  timer = setTimeout(arrive, due - performance.now())
  return () => clearTimeout(timer)
}
