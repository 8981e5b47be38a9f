// When the slots run out, from how the level of slots in use has moved.
import type { TimeToExhaustion } from '../model/index.ts'
import { median, type Point, quantile, slopes } from './number.ts'

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
  const all = slopes(recent)
  const half = Math.floor(recent.length / 2)
  const early = median(slopes(recent.slice(0, half + 1)))
  const late = median(slopes(recent.slice(half)))
  const slope = median(all)
  const settles = early > 0 && late < early / 4
  if (slope <= 0 || late <= 0 || settles) return 'never'
  const seconds = (rate: number) => Math.min((ceiling - last.y) / Math.max(rate, slope / 10), 1e6)
  return { p10: seconds(quantile(all, 0.9)), p50: seconds(slope), p90: seconds(quantile(all, 0.1)) }
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
