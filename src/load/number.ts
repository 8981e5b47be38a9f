// Robust statistics: none of them is moved by a single wild tick.

/** The q-quantile (0 to 1) by linear interpolation; NaN for no values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).sort()
  const at = (sorted.length - 1) * q
  const low = sorted[Math.floor(at)]
  const high = sorted[Math.ceil(at)]
  return low === undefined || high === undefined ? Number.NaN : low + (high - low) * (at - Math.floor(at))
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length

/** Median absolute deviation, scaled to the standard deviation of a normal distribution (factor 1.4826). */
export function deviation(values: readonly number[]): number {
  const middle = median(values)
  return 1.4826 * median(values.map(value => Math.abs(value - middle)))
}

export interface Point {
  x: number
  y: number
}

/**
 * Slopes of all pairs of points (Theil 1950, Sen 1968); their median is the robust slope. Long series are
 * thinned to 60 points, which bounds the pairs to 1,770.
 */
export function slopes(points: readonly Point[]): number[] {
  const step = Math.max(1, Math.ceil(points.length / 60))
  const used = points.filter((_, i) => (points.length - 1 - i) % step === 0)
  return used.flatMap((a, i) =>
    used.slice(i + 1).flatMap(b => (b.x === a.x ? [] : [(b.y - a.y) / (b.x - a.x)])),
  )
}
