// Finds the stretch in which many series at once differ from the rest, and how likely chance alone would do that.

/** Ticks of a stretch, and of what is outside of it, at least. */
const FEWEST = 3
/** Longer evidence is laid into this many bins for the search; the edges are then looked for tick by tick. */
const MOST_BINS = 120
/** What a series contributes by chance alone, in squared standard deviations: less says nothing. */
const BY_CHANCE = 9
const PERMUTATIONS = 60

export interface Segment {
  /** Indices, half open. */
  from: number
  to: number
  /** Sum over the series of what each differs by, squared standard deviations beyond chance. */
  strength: number
  /** Share of the shuffled evidences in which some stretch differs as much. */
  p: number
}

/**
 * The stretch that differs most, over all stretches (an epidemic change as well as a single level shift: Levin and Kline
 * 1985). `series` are rank scores (`rankScores`), all of one length. The test shuffles whole ticks, so what the series have
 * in common stays, and takes the strongest stretch of each shuffle, so that looking everywhere is paid for. Neighbouring
 * ticks resemble each other: what is left of that beside the stretch is taken off its strength.
 */
export function strongestSegment(series: readonly Float64Array[]): Segment | undefined {
  const length = series[0]?.length ?? 0
  if (length < 2 * FEWEST) return undefined
  const size = Math.ceil(length / MOST_BINS)
  const bins = size === 1 ? series : series.map(scores => binned(scores, size))
  const coarse = strongest(bins, bins[0]!.length)
  if (!coarse) return undefined
  const exact = size === 1 ? coarse : refine(series, coarse, size, length)
  const drag = persistence(bins, coarse)
  const strength = strengthOf(bins, coarse, drag)
  return { ...exact, strength, p: chance(bins, strength) }
}

interface Stretch {
  from: number
  to: number
  strength: number
}

function strongest(series: readonly Float64Array[], length: number): Stretch | undefined {
  const sums = series.map(cumulated)
  let best: Stretch | undefined
  for (let from = 0; from <= length - FEWEST; from++) {
    for (let to = from + FEWEST; to <= length; to++) {
      const inside = to - from
      if (length - inside < FEWEST) continue
      const scale = length / (inside * (length - inside))
      let strength = 0
      for (const sum of sums) {
        const difference = sum[to]! - sum[from]!
        const square = difference * difference * scale - BY_CHANCE
        if (square > 0) strength += square
      }
      if (!best || strength > best.strength) best = { from, to, strength }
    }
  }
  return best
}

function cumulated(scores: Float64Array): Float64Array {
  const sums = new Float64Array(scores.length + 1)
  for (let i = 0; i < scores.length; i++) sums[i + 1] = sums[i]! + scores[i]!
  return sums
}

/** Means of `size` ticks each, of unit variance again. */
function binned(scores: Float64Array, size: number): Float64Array {
  const means = Float64Array.from({ length: Math.ceil(scores.length / size) }, (_, i) => {
    const part = scores.subarray(i * size, (i + 1) * size)
    return part.reduce((sum, score) => sum + score, 0) / part.length
  })
  const spread = Math.sqrt(means.reduce((sum, mean) => sum + mean * mean, 0) / means.length)
  return spread > 0 ? means.map(mean => mean / spread) : means
}

/** Moves both edges, tick by tick, to where the stretch is strongest. */
function refine(series: readonly Float64Array[], coarse: Stretch, size: number, length: number): Stretch {
  const sums = series.map(cumulated)
  let best = { from: coarse.from * size, to: Math.min(length, coarse.to * size), strength: -1 }
  const around = (at: number) =>
    Array.from({ length: 2 * size + 1 }, (_, i) => at - size + i).filter(i => i >= 0 && i <= length)
  const measured = (from: number, to: number): Stretch => {
    const scale = length / ((to - from) * Math.max(1, length - to + from))
    const squares = sums.map(sum => Math.max(0, (sum[to]! - sum[from]!) ** 2 * scale - BY_CHANCE))
    return { from, to, strength: squares.reduce((sum, square) => sum + square, 0) }
  }
  const stronger = (a: Stretch, b: Stretch) => (b.strength > a.strength ? b : a)
  for (const from of coarse.from === 0 ? [0] : around(best.from)) best = stronger(best, measured(from, best.to))
  if (best.to < length) for (const to of around(best.to)) best = stronger(best, measured(best.from, to))
  return best
}

/**
 * Factor by which likeness of neighbours inflates each series' squared difference: (1 + ρ) ÷ (1 − ρ), for the part of its
 * movement that the stretch does not account for.
 */
function persistence(series: readonly Float64Array[], { from, to }: Stretch): number[] {
  return series.map(scores => {
    const inside = meanOf(scores.subarray(from, to))
    const outside = (sumOf(scores) - inside * (to - from)) / (scores.length - (to - from))
    const rest = scores.map((score, i) => score - (i >= from && i < to ? inside : outside))
    let [product, square] = [0, 0]
    for (let i = 0; i < rest.length; i++) {
      square += rest[i]! * rest[i]!
      if (i > 0) product += rest[i]! * rest[i - 1]!
    }
    const likeness = square > 0 ? Math.min(0.9, Math.max(0, product / square)) : 0
    return 1 + ((2 * likeness) / (1 - likeness)) * (square / scores.length)
  })
}

const sumOf = (scores: Float64Array): number => scores.reduce((sum, score) => sum + score, 0)
const meanOf = (scores: Float64Array): number => sumOf(scores) / scores.length

function strengthOf(series: readonly Float64Array[], { from, to }: Stretch, drag: number[]): number {
  return series.reduce((strength, scores, k) => {
    const inside = to - from
    const difference = sumOf(scores.subarray(from, to))
    const square = (difference * difference * scores.length) / (inside * (scores.length - inside))
    return strength + Math.max(0, square / drag[k]! - BY_CHANCE)
  }, 0)
}

/** Deterministic: the shuffles come from a fixed seed. */
function chance(series: readonly Float64Array[], strength: number): number {
  const length = series[0]!.length
  const random = generator(length)
  let asStrong = 0
  for (let round = 0; round < PERMUTATIONS; round++) {
    const order = shuffled(length, random)
    const mixed = series.map(scores => Float64Array.from(order, i => scores[i]!))
    if ((strongest(mixed, length)?.strength ?? 0) >= strength) asStrong++
  }
  return (asStrong + 1) / (PERMUTATIONS + 1)
}

/** Fisher and Yates. */
function shuffled(length: number, random: () => number): number[] {
  const order = Array.from({ length }, (_, i) => i)
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}

/** Numbers in [0, 1) from a seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
