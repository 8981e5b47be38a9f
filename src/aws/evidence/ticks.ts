// Lays the series of several sources into ticks: what was not measured is a gap.
import { type Interval, type Limits, type Signals, type Tick, usableSlots } from '../../model/index.ts'
import type { Series } from '../cloudwatch/series.ts'

/** Of two sources of one signal the later one in the list counts. */
export function ticksOf({ from, to }: Interval, periodS: number, series: readonly Series[]): Tick[] {
  const step = periodS * 1_000
  return Array.from({ length: Math.round((to - from) / step) }, (_, i) => {
    const t = from + i * step
    const signals: Signals = Object.assign({}, ...series.map(one => one.get(t) ?? {}))
    return { t, signals }
  })
}

/** Values of a coarser source, for each of the ticks they are the mean of. */
export function spread(series: Series, fromS: number, toS: number): Series {
  if (fromS <= toS) return series
  const fine: Series = new Map()
  for (const [start, signals] of series)
    for (let t = start; t < start + fromS * 1_000; t += toS * 1_000) fine.set(t, signals)
  return fine
}

/** The ceiling beside the level, where a tick was measured at all. */
export const withCeiling = (ticks: Tick[], limits: Limits | undefined): Tick[] =>
  limits === undefined
    ? ticks
    : ticks.map(tick => {
        if (Object.keys(tick.signals).length === 0) return tick
        const { max_connections: max = limits.maxConnections } = tick.signals
        const usable = usableSlots({ ...limits, maxConnections: max })
        return { ...tick, signals: { ...tick.signals, max_connections: max, usable_slots: usable } }
      })
