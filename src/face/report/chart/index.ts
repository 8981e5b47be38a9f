// The three charts on one time axis: load, slots, connection attempts.
import type { Diagnosis, ExactLoad, SlotUse, TimeToExhaustion, WaitClass } from '../../../model/index.ts'
import { amount, dotted, duration } from '../format.ts'
import { type Html, html } from '../html.ts'
import type { ReportInput } from '../input.ts'
import { axisLabels, timeAxis } from './axis.ts'
import { connectsPanel } from './connects.ts'
import { marksOf } from './marks.ts'
import { DEFINITIONS, panelFigure } from './panel.ts'
import { stackedPanel } from './stacked.ts'

export function chartsSection({ timeline, diagnosis }: ReportInput): Html {
  const axis = timeAxis(timeline)
  const marks = marksOf(timeline.marks, axis)
  const load = {
    title: 'Average active sessions',
    value: loadValue(diagnosis),
    series: timeline.aas,
    colour: (name: string) => WAITS[name as WaitClass] ?? 'other',
    limits: [{ name: 'vcpu', value: timeline.vcpus, label: `${timeline.vcpus} vCPU` }],
  }
  const slots = {
    title: 'Connection slots',
    value: slotsValue(diagnosis),
    series: timeline.slots,
    colour: (name: string) => USES[name as SlotUse] ?? 'other',
    limits: [
      { name: 'max', value: timeline.max, label: `max_connections ${timeline.max}` },
      { name: 'usable', value: timeline.usable, label: `usable ${timeline.usable}` },
    ],
  }
  return html`<section aria-labelledby="charts"><h2 id="charts">What happened <small>times are UTC</small></h2>
<div class="charts" style="--lanes:${marks.lanes.wide};--lanes-narrow:${marks.lanes.narrow}">
${DEFINITIONS}${marks.overlay}
${panelFigure(stackedPanel(load, timeline, axis), axis)}
${panelFigure(stackedPanel(slots, timeline, axis), axis)}
${panelFigure(connectsPanel(timeline, diagnosis.connect, axis), axis)}
${axisLabels(axis)}
</div>
${timeline.marks.length > 0 && marks.key}
</section>`
}

const loadValue = ({ load, incident }: Diagnosis): string =>
  dotted(
    load.ticks > 0 && `${amount(load.aas)}${incident ? ' in the incident' : ''}`,
    load.cpuPct !== undefined && `host CPU ${amount(load.cpuPct)} %`,
    load.exact && exactness(load.exact),
  )

/** What the samples had to be corrected by, or why they were not. */
const exactness = ({ source, aas, errorPct }: ExactLoad): string =>
  source === 'samples'
    ? `sampled, the server's clock has ${amount(aas)}`
    : `exact, samples ${Math.abs(errorPct) < 0.5 ? 'agree' : `${errorPct > 0 ? '+' : '−'}${amount(Math.abs(errorPct))} %`}`

const slotsValue = ({ slots, load }: Diagnosis): string =>
  dotted(
    load.ticks > 0 &&
      `peak ${amount(slots.peak)}${slots.usable === undefined ? '' : ` of ${slots.usable} usable`}`,
    slots.clamped && 'demand is at least that',
    !slots.clamped && slots.timeToExhaustion !== undefined && exhaustion(slots.timeToExhaustion),
  )

const exhaustion = (time: TimeToExhaustion): string =>
  time === 'never'
    ? 'settles below the ceiling'
    : `full in ${duration(time.p50 * 1000)} (${duration(time.p10 * 1000)} to ${duration(time.p90 * 1000)})`

// Classes of the stylesheet by name: a name that is not known must not reach an attribute.
const WAITS: Record<WaitClass, string> = {
  CPU: 'cpu',
  IO: 'io',
  Commit: 'commit',
  Lock: 'lock',
  LWLock: 'lwlock',
  IPC: 'ipc',
  Client: 'client',
  Timeout: 'timeout',
  Other: 'other',
}

const USES: Record<SlotUse, string> = {
  active: 'cpu',
  'waiting for a lock': 'lock',
  'idle in transaction': 'timeout',
  idle: 'idle',
  other: 'other',
}
