// When the slots run out, from how the level of slots in use has moved.
import type { TimeToExhaustion } from '../model/index.ts'
import { deviation, median, type Point, quantile, slopes } from './number.ts'

/** Growth is judged over the last ticks only: an older one says what was, not what will be. */
const RECENT_POINTS = 20

/**
 * Seconds until the level `y` (slots; `x` in seconds) reaches the ceiling, by the median and the 10/90 %
 * quantiles of the slopes between all pairs of recent points. `never` when the level falls, stands, or its growth has died
 * down (the later half grows at less than a quarter of the earlier half: a load that settles below the ceiling).
 */
export function timeToExhaustion(level: readonly Point[], ceiling: number): TimeToExhaustion | undefined {
  const recent = level.slice(-RECENT_POINTS)
  const last = recent.at(-1)
  if (last && last.y >= ceiling) return { p10: 0, p50: 0, p90: 0 }
  if (!last || recent.length < 4) return undefined
  const rising = fromHinge(recent)
  const all = slopes(rising)
  const half = Math.floor(rising.length / 2)
  const early = median(slopes(rising.slice(0, half + 1)))
  const late = median(slopes(rising.slice(half)))
  const slope = median(all)
  const settles = early > 0 && late < early / 4
  if (slope <= 0 || late <= 0 || settles) return 'never'
  const seconds = (rate: number) => Math.min((ceiling - last.y) / Math.max(rate, slope / 10), 1e6)
  return { p10: seconds(quantile(all, 0.9)), p50: seconds(slope), p90: seconds(quantile(all, 0.1)) }
}

/** Points that make a rise, the one that it begins at included. */
const FEWEST_RISING = 3

/**
 * The points since the level began to rise: what was before says nothing of how fast it fills now. Of all ways to lay a level (the median)
 * and a line from its end (the median slope, Theil–Sen) through the points, the one that misses them least (sum of absolute errors). All
 * points, where the rise is within three times the scatter of the level and the one slot by which it is rounded.
 */
function fromHinge(points: readonly Point[]): readonly Point[] {
  let [best, least] = [points, missed(points, 0)]
  for (let at = 1; at <= points.length - FEWEST_RISING; at++) {
    const flat = points.slice(0, at + 1).map(({ y }) => y)
    if (points.at(-1)!.y - median(flat) <= 3 * (deviation(flat) + 1)) continue
    const error = missed(points, at)
    if (error < least) [best, least] = [points.slice(at), error]
  }
  return best
}

function missed(points: readonly Point[], hinge: number): number {
  const level = median(points.slice(0, hinge + 1).map(({ y }) => y))
  const slope = median(slopes(points.slice(hinge)))
  const from = points[hinge]!.x
  return points.reduce((sum, { x, y }) => sum + Math.abs(y - level - slope * Math.max(0, x - from)), 0)
}

/**
 * Slots taken per second while the level rose, so between the first point and the first at the ceiling; undefined when
 * it did not rise.
 */
export function growthPerSecond(level: readonly Point[], ceiling: number): number | undefined {
  const full = level.findIndex(point => point.y >= ceiling)
  const rising = full < 0 ? level : level.slice(0, full + 1)
  const low = rising.reduce((at, point, i) => (point.y <= rising[at]!.y ? i : at), 0)
  const [first, last] = [rising[low], rising.at(-1)]
  if (!first || !last || last.x <= first.x || last.y <= first.y) return undefined
  return (last.y - first.y) / (last.x - first.x)
}
