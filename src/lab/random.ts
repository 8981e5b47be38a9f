// Seeded chance: the same seed gives the same arrivals and the same values.

/** Uniform in [0, 1). */
export type Random = () => number

/** mulberry32: 32 bits of state, passes the usual tests, enough for a workload. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Milliseconds to the next arrival of a Poisson process: exponential with mean 1000 ÷ perS. */
export const exponentialGapMs = (random: Random, perS: number): number =>
  (-Math.log(1 - random()) * 1000) / perS

/** An integer of `from` to `to`, both included. */
export const integerBetween = (random: Random, from: number, to: number): number =>
  from + Math.floor(random() * (to - from + 1))
