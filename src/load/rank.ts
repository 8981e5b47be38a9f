// Ranks instead of values: what is said holds for any unit, any scale and any distribution.

/**
 * Midranks of a series, centred and of unit variance; NaN (a gap) becomes 0, which says nothing. Undefined for a series
 * that never changes.
 */
export function rankScores(values: ArrayLike<number>): Float64Array | undefined {
  const sorted = sortedWhere(values, value => !Number.isNaN(value))
  const midranks = new Float64Array(sorted.length)
  let squares = 0
  for (let first = 0, last = 0; first < sorted.length; first = ++last) {
    while (last + 1 < sorted.length && sorted[last + 1] === sorted[first]) last++
    const score = (first + last) / 2 - (sorted.length - 1) / 2
    midranks[first] = score
    squares += score * score * (last - first + 1)
  }
  if (squares === 0) return undefined
  const scale = 1 / Math.sqrt(squares / sorted.length)
  return new Float64Array(values).map(value =>
    Number.isNaN(value) ? 0 : scale * midranks[firstOf(sorted, value)]!,
  )
}

/** The values that are wanted, sorted. Faster by half than `filter` and `sort`, and it is asked thousands of times a diagnosis. */
export function sortedWhere(
  values: ArrayLike<number>,
  wanted: (value: number, at: number) => boolean,
): Float64Array {
  const kept = new Float64Array(values.length)
  let length = 0
  for (let at = 0; at < values.length; at++) if (wanted(values[at]!, at)) kept[length++] = values[at]!
  return kept.subarray(0, length).sort()
}

/** Where a value that is among the sorted ones stands first. */
function firstOf(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Probability that a value of `high` is larger than one of `low`, both sorted, ties by half: 0.5 where they do not differ (Mann and Whitney
 * 1947; McGraw and Wong's common language effect size, 1992). NaN when either is empty.
 */
export function superiority(low: Float64Array, high: Float64Array): number {
  let [below, upTo, sum] = [0, 0, 0]
  for (const value of high) {
    while (below < low.length && low[below]! < value) below++
    while (upTo < low.length && low[upTo]! <= value) upTo++
    sum += (below + upTo) / 2
  }
  return sum / (low.length * high.length)
}
