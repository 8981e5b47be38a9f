// From values to places. Places across are percent of the plot's width, places down are pixels.

/** Pixels from the top edge of a plot to its bottom edge. */
export const PLOT_HEIGHT = 150

export type Scale = (value: number) => number

/** Maps [d0, d1] to [r0, r1]; an empty domain maps to r0. */
export const linear =
  (d0: number, d1: number, r0: number, r1: number): Scale =>
  value =>
    d1 === d0 ? r0 : r0 + ((value - d0) / (d1 - d0)) * (r1 - r0)

/** As `linear`, for logarithms. Values below d0 are drawn at d0: a logarithm has no zero. */
export const logarithmic = (d0: number, d1: number, r0: number, r1: number): Scale => {
  const scale = linear(Math.log10(d0), Math.log10(d1), r0, r1)
  return value => scale(Math.log10(Math.max(value, d0)))
}

/** Zero and whole, round steps up to the first that is not below `max`: two to six of them. */
export function valueTicks(max: number): number[] {
  const rough = Math.max(max / 4, 1)
  const decade = 10 ** Math.floor(Math.log10(rough))
  const step = decade * ([1, 2, 5].find(n => n * decade >= rough) ?? 10)
  const steps = Math.max(1, Math.ceil(max / step))
  return Array.from({ length: steps + 1 }, (_, i) => i * step)
}

/** The powers of ten around [min, max], at least one decade, from 0.1 upwards. */
export function decadeTicks(min: number, max: number): number[] {
  const low = Math.floor(Math.log10(Math.max(min, 0.1)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(max, 0.1))))
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i))
}

const S = 1000
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200].map(
  n => n * S,
)
const DAY = 86_400 * S
const TICKS_MOST = 10

export interface TimeTick {
  t: number
  label: string
  /** Kept where there is little room: every other one. */
  major: boolean
}

/** Whole steps of the clock (UTC) within [from, to], eleven at the most. */
export function timeTicks(from: number, to: number): TimeTick[] {
  const span = to - from
  if (!(span > 0)) return []
  const step = STEPS.find(s => span / s <= TICKS_MOST) ?? DAY * Math.ceil(span / DAY / TICKS_MOST)
  const first = Math.ceil(from / step)
  const length = Math.floor(to / step) - first + 1
  return Array.from({ length }, (_, i) => ({
    t: (first + i) * step,
    label: timeLabel((first + i) * step, step, span),
    major: (first + i) % 2 === 0,
  }))
}

function timeLabel(t: number, step: number, span: number): string {
  const text = new Date(t).toISOString()
  if (step >= DAY) return text.slice(5, 10)
  if (span > DAY) return `${text.slice(8, 10)}. ${text.slice(11, 16)}`
  return text.slice(11, step < 60 * S ? 19 : 16)
}
