// What was measured, in the shape of the answer: connects, load and slots.
import {
  calibrate,
  holders,
  type Load,
  mean,
  median,
  type Point,
  reconcile,
  slotsByState,
  timeToExhaustion,
} from '../load/index.ts'
import {
  type BlockingHead,
  type ConnectSummary,
  type Evidence,
  type EvidenceEvent,
  type FailureCount,
  type LoadSummary,
  type OthersSummary,
  type ProbeResult,
  probeMs,
  type SlotHolder,
  type SlotSummary,
  type Tick,
  usableSlots,
} from '../model/index.ts'
import { blockingOf } from './case.ts'
import { meanLoad, tally } from './tally.ts'

/** Undefined when nobody else is known to have failed. */
export function others(failures: readonly FailureCount[]): OthersSummary | undefined {
  const [first] = failures
  if (!first) return undefined
  const summary: OthersSummary = { failed: 0, byFailure: {}, bySource: {}, firstFailure: first.t }
  for (const { t, failure, source, count } of failures) {
    summary.failed += count
    summary.byFailure[failure] = (summary.byFailure[failure] ?? 0) + count
    summary.bySource[source] = (summary.bySource[source] ?? 0) + count
    summary.firstFailure = Math.min(summary.firstFailure, t)
  }
  return summary
}

/** The latest of those that differ in more than numbers; the last few of them. */
export function lastEvents(events: readonly EvidenceEvent[]): EvidenceEvent[] {
  const latest = new Map(
    events.map(event => [`${event.source} ${event.kind} ${event.message.replace(/\d+/g, '')}`, event]),
  )
  return [...latest.values()].sort((a, b) => a.t - b.t).slice(-MOST_EVENTS)
}

const MOST_EVENTS = 6

export function connects(probes: readonly ProbeResult[]): ConnectSummary {
  const byFailure: ConnectSummary['byFailure'] = {}
  for (const { failure } of probes) if (failure) byFailure[failure] = (byFailure[failure] ?? 0) + 1
  const first = probes.find(probe => !probe.ok)
  const times = probes.filter(probe => probe.ok).map(probeMs)
  return {
    attempts: probes.length,
    failed: probes.filter(probe => !probe.ok).length,
    byFailure,
    ...(first ? { firstFailure: first.t } : {}),
    ...(times.length > 0 ? { p50Ms: median(times) } : {}),
  }
}

export function loadSummary(ticks: readonly Tick[], vcpus: number | undefined): LoadSummary {
  const cpuPct = mean(ticks.flatMap(tick => tick.signals.cpu_pct ?? []))
  return {
    ...calibrated(ticks),
    ...(vcpus === undefined ? {} : { vcpus }),
    ...(Number.isNaN(cpuPct) ? {} : { cpuPct }),
  }
}

/** The sampled load, brought to the server's own clock where it keeps one. */
function calibrated(ticks: readonly Tick[]): Load & Pick<LoadSummary, 'exact'> {
  const sampled = meanLoad(ticks)
  const reconciled = reconcile(ticks)
  if (!reconciled) return sampled
  const { exact } = reconciled
  if (exact.source === 'samples') return { ...sampled, exact }
  const { aas } = reconciled
  return { ...sampled, aas, byWaitClass: calibrate(ticks, sampled.byWaitClass, aas), exact }
}

/** The ledger of the fullest of the given ticks, and the forecast from how the level moves. */
export function slotSummary({ ticks, limits, tickMs }: Evidence, focus: readonly Tick[]): SlotSummary {
  const usable = limits && usableSlots(limits)
  const fullest = fullestTick(focus)
  const used = (fullest && tally(fullest).slots) ?? 0
  const level = ticks.flatMap((tick): Point[] => {
    const y = tally(tick).slots
    return y === undefined ? [] : [{ x: tick.t / 1000, y }]
  })
  const since = ((focus[0]?.t ?? 0) - tickMs) / 1000
  const moving = level.filter(point => point.x >= since)
  const forecast = usable === undefined ? undefined : timeToExhaustion(level, usable)
  // Where nobody saw the sessions, they were counted all the same.
  const taken = fullest ? used : Math.max(0, ...moving.map(point => point.y))
  return {
    ...(limits && usable !== undefined ? { usable, max: limits.maxConnections } : {}),
    used: taken,
    peak: Math.max(0, ...level.map(point => point.y)),
    clamped: usable !== undefined && taken >= usable,
    byState: fullest ? slotsByState(fullest) : {},
    ...(forecast === undefined ? {} : { timeToExhaustion: forecast }),
  }
}

/** The largest trees of the worst tick. */
export function blockingSummary(ticks: readonly Tick[]): BlockingHead[] {
  const waiting = (tick: Tick) => blockingOf(tick).heads.reduce((sum, { blocked }) => sum + blocked, 0)
  const worst = ticks.reduce<Tick | undefined>(
    (most, tick) => (!most || waiting(tick) > waiting(most) ? tick : most),
    undefined,
  )
  return worst ? blockingOf(worst).heads.slice(0, 10) : []
}

export function holderSummary(ticks: readonly Tick[]): SlotHolder[] {
  const fullest = fullestTick(ticks)
  return fullest ? holders(fullest).slice(0, 20) : []
}

/** The latest of the fullest ticks. */
const fullestTick = (ticks: readonly Tick[]): Tick | undefined =>
  ticks.reduce<Tick | undefined>(
    (most, tick) =>
      tick.sessions && (!most || (tally(tick).slots ?? 0) >= (tally(most).slots ?? 0)) ? tick : most,
    undefined,
  )
