// The one time axis that all charts share.
import type { Timeline } from '../../../model/index.ts'
import { type Html, html } from '../html.ts'
import { type TimeTick, timeTicks } from './scale.ts'

export interface TimeAxis {
  /** Epoch milliseconds. */
  from: number
  to: number
  ticks: TimeTick[]
  /** Percent of the plot's width, two decimals; what lies outside is put on the edge. */
  x(t: number): number
}

/** Spans the window and everything that was measured in it. */
export function timeAxis(timeline: Timeline): TimeAxis {
  const { t, probes, tickMs } = timeline
  const starts = [timeline.from, t[0] ?? timeline.from, probes[0]?.t ?? timeline.from]
  const ends = [timeline.to, (t.at(-1) ?? timeline.from) + tickMs, probes.at(-1)?.t ?? timeline.to]
  const from = Math.min(...starts)
  const to = Math.max(...ends, from + 1)
  const x = (at: number) => Number(Math.min(100, Math.max(0, ((at - from) / (to - from)) * 100)).toFixed(2))
  return { from, to, ticks: timeTicks(from, to), x }
}

/** The labels below the last chart. A label at the right edge would hang over it, so it is left out. */
export const axisLabels = (axis: TimeAxis): Html =>
  html`<div class="axis" aria-hidden="true">${axis.ticks
    .filter(tick => axis.x(tick.t) <= 96)
    .map(
      tick =>
        html`<span class="${tick.major ? 'major' : 'minor'}" style="left:${axis.x(tick.t)}%">${tick.label}</span>`,
    )}</div>`
