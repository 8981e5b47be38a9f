// Connection attempts: a dot at its latency for each that succeeded, a mark in a strip of its own for each that failed.
import { type Diagnosis, type ProbeResult, probeMs, type Timeline } from '../../../model/index.ts'
import { amount, clock, count, dotted, duration } from '../format.ts'
import { type Html, html } from '../html.ts'
import type { TimeAxis } from './axis.ts'
import { foldSize } from './column.ts'
import { FAILURE_SHAPES, type Panel } from './panel.ts'
import { decadeTicks, logarithmic, PLOT_HEIGHT } from './scale.ts'

const ROW = 17

interface FailureRow {
  label: string
  shape: number
  probes: ProbeResult[]
}

export function connectsPanel(timeline: Timeline, connect: Diagnosis['connect'], axis: TimeAxis): Panel {
  const good = timeline.probes.filter(probe => probe.ok)
  const rows = failureRows(timeline.probes.filter(probe => !probe.ok))
  const strip = rows.length * ROW
  const times = good.map(probeMs)
  const ticks = good.length === 0 ? [] : decadeTicks(times.reduce(least, Infinity), times.reduce(most, 0))
  const y = logarithmic(ticks[0] ?? 1, ticks.at(-1) ?? 10, PLOT_HEIGHT - 0.5, strip + 12)
  const dots = slowest(good)
  const perDot = foldSize(good.length)
  return {
    title: 'Connection attempts',
    value: dotted(
      connect.attempts > 0 && `${connect.failed} of ${connect.attempts} failed`,
      connect.p50Ms !== undefined && `median of the others ${duration(connect.p50Ms)}`,
    ),
    legend: [
      ...rows.map(row => ({
        label: row.label,
        key: legendMark(`failure failure-${row.shape}`, `fail${row.shape}`),
      })),
      ...(good.length > 0 ? [{ label: 'succeeded, by latency', key: legendMark('success', 'success') }] : []),
      ...(perDot > 1 ? [{ label: `each dot: the slowest of ${perDot} attempts`, key: html`` }] : []),
    ],
    summary: `Connection attempts from ${clock(axis.from)} to ${clock(axis.to)} UTC: ${good.length} succeeded${rows
      .map(row => `, ${row.label}`)
      .join('')}`,
    labels: [
      ...(rows.length > 0 ? [{ y: strip / 2 + 1, text: 'failed' }] : []),
      ...ticks.map(ms => ({
        y: Math.round(y(ms)),
        text: ms < 1000 ? `${amount(ms)} ms` : `${amount(ms / 1000)} s`,
      })),
    ],
    drawing: html`${rows.length > 0 && html`<rect class="strip" width="100%" height="${strip + 2}"/>`}${dots.map(
      probe => mark('success', 'success', axis.x(probe.t), y(probeMs(probe)), title(probe)),
    )}${rows.map((row, i) =>
      thinned(row.probes, axis).map(probe =>
        mark(
          `failure failure-${row.shape}`,
          `fail${row.shape}`,
          axis.x(probe.t),
          i * ROW + ROW / 2 + 1,
          title(probe),
        ),
      ),
    )}`,
    empty: timeline.probes.length === 0 ? 'no connection attempts in this window' : undefined,
  }
}

const least = (a: number, b: number): number => Math.min(a, b)
const most = (a: number, b: number): number => Math.max(a, b)

/** Most frequent first; what finds no shape of its own shares the last row. */
function failureRows(failed: ProbeResult[]): FailureRow[] {
  const byLabel = new Map<string, ProbeResult[]>()
  for (const probe of failed) {
    const label = dotted(probe.failure ?? 'unclassified', probe.native?.code)
    const group = byLabel.get(label)
    if (group) group.push(probe)
    else byLabel.set(label, [probe])
  }
  const groups = [...byLabel].sort((a, b) => b[1].length - a[1].length)
  const own = groups.length > FAILURE_SHAPES.length ? FAILURE_SHAPES.length - 1 : groups.length
  const rest = groups.slice(own).flatMap(([, probes]) => probes)
  const rows = groups
    .slice(0, own)
    .map(([label, probes], shape) => ({ label: `${label} ×${probes.length}`, shape, probes }))
  if (rest.length === 0) return rows
  return [
    ...rows,
    { label: `${count(groups.length - own, 'other failure')} ×${rest.length}`, shape: own, probes: rest },
  ]
}

/** Of each run of neighbours the slowest, when there are more than could be told apart. */
function slowest(good: ProbeResult[]): ProbeResult[] {
  const size = foldSize(good.length)
  if (size === 1) return good
  return Array.from({ length: Math.ceil(good.length / size) }, (_, i) =>
    good.slice(i * size, (i + 1) * size).reduce((a, b) => (probeMs(b) > probeMs(a) ? b : a)),
  )
}

/** Marks of the same kind in the same place are one mark. */
function thinned(probes: ProbeResult[], axis: TimeAxis): ProbeResult[] {
  const seen = new Set<string>()
  return probes.filter(probe => {
    const place = axis.x(probe.t).toFixed(1)
    return !seen.has(place) && seen.add(place)
  })
}

const title = (probe: ProbeResult): string =>
  dotted(
    clock(probe.t),
    probe.ok ? 'connected' : `failed: ${probe.failure ?? 'unclassified'}`,
    probe.native?.code,
    !probe.ok && probe.phase !== undefined && `in ${probe.phase}`,
    ...Object.entries(probe.phaseMs).map(([phase, ms]) => `${phase} ${duration(ms)}`),
  )

const mark = (name: string, id: string, x: number, y: number, text: string): Html =>
  html`<use class="${name}" href="#${id}" x="${x}%" y="${Number(y.toFixed(1))}"><title>${text}</title></use>`

const legendMark = (name: string, id: string): Html =>
  html`<svg class="key" width="12" height="12" aria-hidden="true"><use class="${name}" href="#${id}" x="6" y="6"/></svg>`
