// One incident laid out for the rules: the ticks before it, the ticks of it, and what both have in numbers.
import { type Blocking, blocking, type Load, mean } from '../load/index.ts'
import {
  type Evidence,
  type FailureCount,
  type Incident,
  type ProbeResult,
  type SessionSample,
  SLOT_FAILURES,
  type Tick,
  usableSlots,
} from '../model/index.ts'
import { type Failed, failedWithin } from './failed.ts'
import type { Sides } from './signal/change.ts'
import { meanLoad, tally } from './tally.ts'

export interface Case {
  evidence: Evidence
  incident: Incident
  /** Ticks with a sample. `before` is empty when the evidence begins inside the incident. */
  before: Tick[]
  during: Tick[]
  loadBefore: Load
  loadDuring: Load
  /** Mean of the slots taken. */
  slotsBefore: number
  slotsDuring: number
  usable: number | undefined
  vcpus: number | undefined
  probes: ProbeResult[]
  /** What failed to connect and is not explained yet. */
  failed: Failed[]
  /** Where the counters told the incident: the ticks they compared. */
  sides?: Sides
}

export function makeCase(evidence: Evidence, incident: Incident, sides?: Sides): Case {
  const sampled = evidence.ticks.filter(tick => tally(tick).slots !== undefined || tick.sessions)
  const before = sampled.filter(tick => tick.t < Math.min(incident.from, incident.onset))
  const during = sampled.filter(tick => tick.t >= incident.from && tick.t < incident.to)
  return withTicks(
    {
      evidence,
      incident,
      usable: evidence.limits && usableSlots(evidence.limits),
      vcpus: evidence.target.vcpus,
      probes: evidence.probes.filter(probe => probe.t >= incident.from && probe.t < incident.to),
      failed: failedWithin(evidence, incident),
      ...(sides ? { sides } : {}),
    },
    before,
    during,
  )
}

/** The same case with other ticks: what would be left, were some sessions away. */
export function withTicks(
  rest: Pick<Case, 'evidence' | 'incident' | 'usable' | 'vcpus' | 'probes' | 'failed' | 'sides'>,
  before: Tick[],
  during: Tick[],
): Case {
  return {
    ...rest,
    before,
    during,
    loadBefore: meanLoad(before),
    loadDuring: meanLoad(during),
    slotsBefore: meanSlots(before),
    slotsDuring: meanSlots(during),
  }
}

const meanSlots = (ticks: Tick[]): number => mean(ticks.flatMap(tick => tally(tick).slots ?? [])) || 0

export const failedForSlots = (probes: readonly ProbeResult[]): ProbeResult[] =>
  probes.filter(probe => probe.failure && SLOT_FAILURES.includes(probe.failure))

/** Refusals of other clients for want of a slot, within the incident; its first tick begins before it is noticed. */
export const toldRefusals = ({
  evidence: { failures, tickMs },
  incident: { from, to },
}: Case): FailureCount[] =>
  failures.filter(({ t, failure }) => SLOT_FAILURES.includes(failure) && t + tickMs > from && t < to)

/** Blocking trees of each tick; computed once a tick, since every rule about locks asks for them. */
export function blockingOf(tick: Tick): Blocking {
  const known = CACHE.get(tick)
  if (known) return known
  const made = blocking(tick, tally(tick).census.waiting)
  CACHE.set(tick, made)
  return made
}

const CACHE = new WeakMap<Tick, Blocking>()

/** The mean of a number over ticks; 0 for none. */
export const meanOver = (ticks: readonly Tick[], of: (tick: Tick) => number): number =>
  mean(ticks.map(of)) || 0

/** The last sample of a session within some ticks. */
export const lastSample = (ticks: readonly Tick[], id: string): SessionSample | undefined =>
  ticks
    .findLast(tick => tick.sessions?.some(session => session.id === id))
    ?.sessions?.find(session => session.id === id)
