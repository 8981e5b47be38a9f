// Ranks instead of values: what is said holds for any unit, any scale and any distribution.

/**
 * Midranks of a series, centred and of unit variance; NaN (a gap) becomes 0, which says nothing. Undefined for a series
 * that never changes.
 */
export function rankScores(values: ArrayLike<number>): Float64Array | undefined {
  const known = Array.from({ length: values.length }, (_, i) => i).filter(i => !Number.isNaN(values[i]))
  known.sort((a, b) => values[a]! - values[b]!)
  const scores = new Float64Array(values.length)
  let squares = 0
  for (let first = 0; first < known.length; ) {
    let last = first
    while (last + 1 < known.length && values[known[last + 1]!] === values[known[first]!]) last++
    const score = (first + last) / 2 - (known.length - 1) / 2
    for (let i = first; i <= last; i++) scores[known[i]!] = score
    squares += score * score * (last - first + 1)
    first = last + 1
  }
  if (squares === 0) return undefined
  const scale = 1 / Math.sqrt(squares / known.length)
  return scores.map(score => score * scale)
}

/**
 * Probability that a value of `b` is larger than one of `a`, ties by half: 0.5 where they do not differ (Mann and Whitney
 * 1947; McGraw and Wong's common language effect size, 1992). NaN when either is empty.
 */
export function superiority(a: readonly number[], b: readonly number[]): number {
  const [low, high] = [a, b].map(values => Float64Array.from(values).sort()) as [Float64Array, Float64Array]
  let [below, upTo, sum] = [0, 0, 0]
  for (const value of high) {
    while (below < low.length && low[below]! < value) below++
    while (upTo < low.length && low[upTo]! <= value) upTo++
    sum += (below + upTo) / 2
  }
  return sum / (low.length * high.length)
}
