// Keeps what was observed, bounded, in the shape that a diagnosis reads.
import type {
  Evidence,
  EvidenceEvent,
  FailureCount,
  Limits,
  Observation,
  ProbeResult,
  StatementDelta,
  Target,
  Tick,
} from '../model/index.ts'
import { TICK_MS } from './watch.ts'

/** An hour at one tick a second; older ticks are forgotten. */
const MOST_TICKS = 3_600
/** Many kinds from many hosts in each tick. */
const MOST_FAILURES = 36_000
const MOST_STATEMENTS = 36_000

export interface Recorder {
  add(observation: Observation): void
  note(event: EvidenceEvent): void
  /** Everything kept so far; a new value each time, over the same ticks. */
  evidence(): Evidence
}

export function recorder(unknown: Target, startedAt: number, tickMs = TICK_MS): Recorder {
  let ticks: Tick[] = []
  let probes: ProbeResult[] = []
  let failures: FailureCount[] = []
  let statements: StatementDelta[] = []
  const events: EvidenceEvent[] = []
  let target = unknown
  let limits: Limits | undefined
  return {
    add({ tick, probes: more, limits: latest, failures: counted = [], statements: done = [], connection }) {
      ticks = [...ticks, tick].slice(-MOST_TICKS)
      probes = [...probes, ...more].slice(-MOST_TICKS)
      failures = [...failures, ...counted].slice(-MOST_FAILURES)
      statements = [...statements, ...done].slice(-MOST_STATEMENTS)
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
        failures: failures.filter(({ t }) => t >= from),
        statements: statements.filter(({ t }) => t >= from),
        events,
      }
    },
  }
}
