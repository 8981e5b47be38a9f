// Keeps what was observed, bounded, in the shape that a diagnosis reads.
import type {
  Evidence,
  EvidenceEvent,
  Limits,
  Observation,
  ProbeResult,
  Target,
  Tick,
} from '../model/index.ts'
import { TICK_MS } from './watch.ts'

/** An hour at one tick a second; older ticks are forgotten. */
const MOST_TICKS = 3_600

export interface Recorder {
  add(observation: Observation): void
  note(event: EvidenceEvent): void
  /** Everything kept so far; a new value each time, over the same ticks. */
  evidence(): Evidence
}

export function recorder(unknown: Target, startedAt: number, tickMs = TICK_MS): Recorder {
  let ticks: Tick[] = []
  let probes: ProbeResult[] = []
  const events: EvidenceEvent[] = []
  let target = unknown
  let limits: Limits | undefined
  return {
    add({ tick, probes: more, limits: latest, connection }) {
      ticks = [...ticks, tick].slice(-MOST_TICKS)
      probes = [...probes, ...more].slice(-MOST_TICKS)
      limits = latest ?? limits
      target = connection?.facts.target ?? target
    },
    note: event => {
      events.push(event)
    },
    evidence() {
      const from = ticks[0]?.t ?? startedAt
      return {
        target,
        from,
        to: (ticks.at(-1)?.t ?? from) + tickMs,
        tickMs,
        ...(limits ? { limits } : {}),
        ticks,
        probes: probes.filter(probe => probe.t >= from),
        failures: [],
        statements: [],
        events,
      }
    },
  }
}
