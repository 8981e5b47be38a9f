// The frame of one chart: heading, legend, value axis, grid. Text is HTML, so that it keeps its size on a phone.
import { type Html, html } from '../html.ts'
import type { TimeAxis } from './axis.ts'
import { PLOT_HEIGHT } from './scale.ts'

interface LegendItem {
  label: string
  /** What the legend shows before the label. */
  key: Html
}

export interface Panel {
  title: string
  /** The figure to remember, beside the title. */
  value: string
  legend: LegendItem[]
  /** The chart in a sentence, for those who do not see it. */
  summary: string
  /** Labels of the value axis, by pixels from the top. */
  labels: { y: number; text: string }[]
  drawing: Html
  /** Said instead of a drawing when nothing was measured. */
  empty?: string | undefined
}

/**
 * One shape for each failure, the most frequent first, so that they can be told apart without colour; the last
 * stands for all others.
 */
export const FAILURE_SHAPES = [
  'M-3.5 -3.5L3.5 3.5M3.5 -3.5L-3.5 3.5',
  'M0 -4L4 3.5H-4Z',
  'M-3.5 -3.5H3.5V3.5H-3.5Z',
  'M0 -4.5L4.5 0L0 4.5L-4.5 0Z',
] as const

export const panelFigure = (panel: Panel, axis: TimeAxis): Html => html`<figure class="panel">
<figcaption><h3>${panel.title}</h3> <span class="value">${panel.value}</span>
<ul class="legend">${panel.legend.map(item => html`<li>${item.key}${item.label}</li>`)}</ul></figcaption>
<div class="plot"><div class="labels" aria-hidden="true">${panel.labels.map(
  label => html`<span style="top:${label.y}px">${label.text}</span>`,
)}</div>
<svg role="img" aria-label="${panel.summary}" width="100%" height="${PLOT_HEIGHT}">
${grid(panel, axis)}${panel.drawing}</svg>
${panel.empty !== undefined && html`<p class="empty">${panel.empty}</p>`}</div>
</figure>`

const grid = (panel: Panel, axis: TimeAxis): Html =>
  html`<g class="grid">${panel.labels.map(
    label => html`<line x2="100%" y1="${label.y}" y2="${label.y}"/>`,
  )}${axis.ticks.map(
    tick => html`<line x1="${axis.x(tick.t)}%" x2="${axis.x(tick.t)}%" y2="${PLOT_HEIGHT}"/>`,
  )}</g>`

/** Shapes that the drawings refer to by id; once on a page. */
export const DEFINITIONS = html`<svg class="unseen" aria-hidden="true"><defs>
<pattern id="gap" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V6"/></pattern>
<circle id="success" r="2.5"/>${FAILURE_SHAPES.map((d, i) => html`<path id="fail${i}" d="${d}"/>`)}
</defs></svg>`

/** A coloured square for a series. `name` is a class of the stylesheet. */
export const swatch = (name: string): Html => html`<i class="swatch ${name}"></i>`

/** A piece of line for a limit. */
export const dash = (name: string): Html => html`<i class="dash ${name}"></i>`
