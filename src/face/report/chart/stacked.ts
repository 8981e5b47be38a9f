// A stacked chart of stepped columns with limits drawn across it. Gaps are hatched, never zero.
import type { Series, Timeline } from '../../../model/index.ts'
import { amount, clock, count, duration } from '../format.ts'
import { type Html, html } from '../html.ts'
import type { TimeAxis } from './axis.ts'
import { type Column, columns, fold, foldSize, gaps, stepPath } from './column.ts'
import { dash, type Panel, swatch } from './panel.ts'
import { linear, PLOT_HEIGHT, type Scale, valueTicks } from './scale.ts'

export interface Stack {
  title: string
  value: string
  series: Series<string>[]
  /** The class of the stylesheet for each series. */
  colour: (name: string) => string
  limits: { name: string; value: number | undefined; label: string }[]
}

// Beyond this many columns a title for each would outweigh the chart.
const TITLES_MOST = 400

export function stackedPanel(stack: Stack, timeline: Timeline, axis: TimeAxis): Panel {
  const measured = columns(timeline, stack.series)
  const limits = stack.limits.flatMap(({ value, ...limit }) =>
    value === undefined ? [] : [{ ...limit, value }],
  )
  const peak = measured.reduce<Column | undefined>((a, b) => (a && a.total >= b.total ? a : b), undefined)
  const ticks = valueTicks(limits.reduce((top, limit) => Math.max(top, limit.value), peak?.total ?? 0))
  // The top line of the grid needs half its width.
  const y = linear(0, ticks.at(-1)!, PLOT_HEIGHT - 0.5, 0.5)
  const holes = gaps(measured, axis.from, axis.to, timeline.tickMs)
  const present = stack.series
    .map((s, layer) => ({ name: s.name, layer }))
    .filter(s => hasAny(measured, s.layer))
  const drawn = fold(measured)
  const perColumn = foldSize(measured.length)
  return {
    title: stack.title,
    value: stack.value,
    legend: [
      ...present.map(s => ({ label: s.name, key: swatch(stack.colour(s.name)) })),
      ...limits.map(limit => ({ label: limit.label, key: dash(limit.name) })),
      ...(holes.length > 0 && peak ? [{ label: 'no sample', key: swatch('gap') }] : []),
      ...(perColumn > 1 ? [{ label: `each column: the highest of ${perColumn} ticks`, key: html`` }] : []),
    ],
    summary: summary(stack.title, axis, peak, limits, holes.length),
    labels: ticks.map(value => ({ y: y(value), text: amount(value) })),
    drawing: html`${areas(drawn, present, stack.colour, axis, y)}${holes.map(hole => gap(hole, axis))}${limits.map(
      limit =>
        html`<line class="limit ${limit.name}" x2="100%" y1="${round(y(limit.value))}" y2="${round(y(limit.value))}"/>`,
    )}${drawn.length <= TITLES_MOST && drawn.map(column => hit(column, stack, axis))}`,
    empty: peak ? undefined : 'no samples in this window',
  }
}

const hasAny = (cols: Column[], layer: number): boolean =>
  cols.some(column => (column.values[layer] ?? 0) > 0)

// Painted from the top of the stack downwards, each layer down to zero: half the path, and no seams.
function areas(
  cols: Column[],
  present: { name: string; layer: number }[],
  colour: Stack['colour'],
  axis: TimeAxis,
  y: Scale,
): Html {
  const x = (t: number) => round(axis.x(t) * 10)
  const level = (layer: number) => (column: Column) =>
    round(y(column.values.slice(0, layer + 1).reduce<number>((sum, value) => sum + (value ?? 0), 0)))
  const paths = present.map(
    s => html`<path class="${colour(s.name)}" d="${stepPath(cols, level(s.layer), x, PLOT_HEIGHT)}"/>`,
  )
  return html`<svg viewBox="0 0 1000 ${PLOT_HEIGHT}" width="100%" height="${PLOT_HEIGHT}" preserveAspectRatio="none">${paths.reverse()}</svg>`
}

const gap = (hole: { from: number; to: number }, axis: TimeAxis): Html =>
  html`<rect class="gap" ${span(hole, axis)}><title>no sample from ${clock(hole.from)} for ${duration(hole.to - hole.from)}</title></rect>`

const hit = (column: Column, stack: Stack, axis: TimeAxis): Html => {
  const parts = stack.series
    .map((s, i) => ({ name: s.name, value: column.values[i] ?? 0 }))
    .filter(p => p.value > 0)
  return html`<rect class="hit" ${span(column, axis)}><title>${clock(column.from)}: ${amount(column.total)}${parts
    .reverse()
    .map(part => `\n${part.name} ${amount(part.value)}`)}</title></rect>`
}

const span = (part: { from: number; to: number }, axis: TimeAxis): Html =>
  html`x="${axis.x(part.from)}%" width="${round(axis.x(part.to) - axis.x(part.from), 2)}%" height="${PLOT_HEIGHT}"`

const summary = (
  title: string,
  axis: TimeAxis,
  peak: Column | undefined,
  limits: { label: string }[],
  holes: number,
): string =>
  `${title} from ${clock(axis.from)} to ${clock(axis.to)} UTC: ` +
  (peak ? `peak ${amount(peak.total)} at ${clock(peak.from)}` : 'no samples') +
  limits.map(limit => `, ${limit.label}`).join('') +
  (holes > 0 && peak ? `, ${count(holes, 'gap')}` : '')

const round = (n: number, digits = 1): number => Number(n.toFixed(digits))
