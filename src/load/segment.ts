// Finds the stretch in which many series at once differ from the rest, and how likely chance alone would do that.
import { generator, shuffled } from './shuffle.ts'

/** Ticks of a stretch, and of what is outside of it, at least. */
const FEWEST = 3
/** Longer evidence is laid into this many bins for the search; the edges are then looked for tick by tick. */
const MOST_BINS = 96
/** What a series has by chance alone now and then, in squared standard deviations: less says nothing. */
const BY_CHANCE = 9
const SHUFFLES = 99

export interface Segment {
  /** Indices, half open. */
  from: number
  to: number
  /** Share of the shuffled evidences in which some stretch differs as much. */
  p: number
  /** Share of the difference that comes at one stroke, at the sharper of its edges: 1 for a step, 0.25 for a wave. */
  sharpness: number
}

interface Stretch {
  from: number
  to: number
  strength: number
}

/**
 * The stretch that differs most, over all stretches: an epidemic change (Levin and Kline 1985) as well as a single level shift.
 * `series` are rank scores (`rankScores`), all of one length. The test shuffles whole ticks, so what the series have in common
 * stays, and takes the strongest stretch of each shuffle, so that looking everywhere is paid for. Neighbouring ticks resemble each
 * other: what is left of that beside the stretch is taken off its strength.
 */
export function strongestSegment(series: readonly Float64Array[], enough = 1): Segment | undefined {
  const length = series[0]?.length ?? 0
  if (length < 2 * FEWEST) return undefined
  const size = Math.ceil(length / MOST_BINS)
  const bins = size === 1 ? series : series.map(scores => binned(scores, size))
  const coarse = strongest(bins)
  if (!coarse) return undefined
  const { from, to } = size === 1 ? coarse : refine(series, coarse, size)
  const p = chance(bins, strengthOf(bins, coarse, persistence(bins, coarse)), enough)
  return { from, to, p, sharpness: sharpness(series, from, to) }
}

function strongest(series: readonly Float64Array[]): Stretch | undefined {
  const length = series[0]!.length
  const width = series.length
  const sums = cumulated(series)
  let best: Stretch | undefined
  for (let from = 0; from <= length - FEWEST; from++) {
    for (let to = from + FEWEST; to <= length; to++) {
      const inside = to - from
      if (length - inside < FEWEST) break
      const scale = length / (inside * (length - inside))
      let strength = 0
      for (let k = 0, a = from * width, b = to * width; k < width; k++) {
        const difference = sums[b++]! - sums[a++]!
        const square = difference * difference * scale - BY_CHANCE
        if (square > 0) strength += square
      }
      if (!best || strength > best.strength) best = { from, to, strength }
    }
  }
  return best
}

/** Sums up to each tick, the series side by side: the search reads them all for one tick, then for the next. */
function cumulated(series: readonly Float64Array[]): Float64Array {
  const [width, length] = [series.length, series[0]!.length]
  const sums = new Float64Array((length + 1) * width)
  for (let i = 0; i < length; i++) {
    for (let k = 0; k < width; k++) sums[(i + 1) * width + k] = sums[i * width + k]! + series[k]![i]!
  }
  return sums
}

/** Means of `size` ticks each, of unit variance again. */
function binned(scores: Float64Array, size: number): Float64Array {
  const means = Float64Array.from({ length: Math.ceil(scores.length / size) }, (_, i) =>
    meanOf(scores, i * size, Math.min(scores.length, (i + 1) * size)),
  )
  const spread = Math.sqrt(means.reduce((sum, mean) => sum + mean * mean, 0) / means.length)
  return spread > 0 ? means.map(mean => mean / spread) : means
}

/** Moves both edges, tick by tick, to where the stretch is strongest. */
function refine(series: readonly Float64Array[], coarse: Stretch, size: number): Stretch {
  const length = series[0]!.length
  const none = series.map(() => 1)
  let best = { from: coarse.from * size, to: Math.min(length, coarse.to * size), strength: -1 }
  const around = (at: number) => Array.from({ length: 2 * size + 1 }, (_, i) => at - size + i)
  const tryOut = (from: number, to: number) => {
    if (from < 0 || to > length || to - from < FEWEST || length - to + from < FEWEST) return
    const strength = strengthOf(series, { from, to }, none)
    if (strength > best.strength) best = { from, to, strength }
  }
  for (const from of best.from === 0 ? [0] : around(best.from)) tryOut(from, best.to)
  for (const to of best.to === length ? [length] : around(best.to)) tryOut(best.from, to)
  return best
}

/**
 * Factor by which likeness of neighbours inflates each series' squared difference, for the part of its movement that the stretch
 * does not account for: 1 + 2 Σ of the autocorrelations, up to the first that is not positive (Geyer 1992).
 */
function persistence(series: readonly Float64Array[], { from, to }: { from: number; to: number }): number[] {
  return series.map(scores => {
    const length = scores.length
    const inside = meanOf(scores, from, to)
    const outside = (-inside * (to - from)) / (length - to + from)
    const rest = scores.map((score, i) => score - (i >= from && i < to ? inside : outside))
    let likeness = 0
    for (let lag = 1; lag < length / 3; lag++) {
      let product = 0
      for (let i = lag; i < length; i++) product += rest[i]! * rest[i - lag]!
      if (product <= 0) break
      likeness += product / length
    }
    return 1 + 2 * likeness
  })
}

/** Mean of scores; over all of them it is 0. */
function meanOf(scores: Float64Array, from: number, to: number): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += scores[i]!
  return sum / Math.max(1, to - from)
}

function strengthOf(
  series: readonly Float64Array[],
  { from, to }: { from: number; to: number },
  drag: readonly number[],
): number {
  return series.reduce((strength, scores, k) => {
    const inside = to - from
    const square = (meanOf(scores, from, to) ** 2 * inside * scores.length) / (scores.length - inside)
    return strength + Math.max(0, square / drag[k]! - BY_CHANCE)
  }, 0)
}

/** Deterministic: the shuffles come from a fixed seed. No longer looked into than until it is above `enough`. */
function chance(series: readonly Float64Array[], strength: number, enough: number): number {
  const length = series[0]!.length
  const random = generator(length)
  const mixed = series.map(() => new Float64Array(length))
  const asGood = (n: number) => (n + 1) / (SHUFFLES + 1)
  let asStrong = 0
  for (let round = 0; round < SHUFFLES && asGood(asStrong) <= enough; round++) {
    const order = shuffled(length, random)
    series.forEach((scores, k) => {
      for (let i = 0; i < length; i++) mixed[k]![i] = scores[order[i]!]!
    })
    if ((strongest(mixed)?.strength ?? 0) >= strength) asStrong++
  }
  return asGood(asStrong)
}

/** A tenth of the stretch on either side of an edge, against the whole of it and the whole outside. */
function sharpness(series: readonly Float64Array[], from: number, to: number): number {
  const length = series[0]!.length
  const near = Math.max(FEWEST, Math.round((to - from) / 10))
  const edges = [from, to].filter(at => at > 0 && at < length)
  const shares = edges.map(at => {
    let [jump, whole] = [0, 0]
    for (const scores of series) {
      const shift = (meanOf(scores, from, to) * length) / (length - to + from)
      const [a, b] = [
        meanOf(scores, Math.max(0, at - near), at),
        meanOf(scores, at, Math.min(length, at + near)),
      ]
      jump += Math.sign(shift) * (at === from ? b - a : a - b) * Math.abs(shift)
      whole += shift * shift
    }
    return whole > 0 ? jump / whole : 0
  })
  return Math.max(0, ...shares)
}
