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
  const ticks = latest<Tick>(MOST_TICKS)
  const probes = latest<ProbeResult>(MOST_TICKS)
  const failures = latest<FailureCount>(MOST_FAILURES)
  const statements = latest<StatementDelta>(MOST_STATEMENTS)
  const events = latest<EvidenceEvent>(MOST_TICKS)
  let target = unknown
  let limits: Limits | undefined
  return {
    add(seen) {
      // Of several late ticks only the last was told; longer than the memory they need not be.
      const before = ticks.last()?.t ?? seen.tick.t
      const from = Math.max(before + tickMs, seen.tick.t - MOST_TICKS * tickMs)
      for (let t = from; seen.tick.t - t > tickMs / 2; t += tickMs) ticks.add({ t, signals: {} })
      ticks.add(seen.tick)
      probes.add(...seen.probes)
      failures.add(...(seen.failures ?? []))
      statements.add(...(seen.statements ?? []))
      events.add(...(seen.events ?? []))
      limits = seen.limits ?? limits
      target = seen.connection?.facts.target ?? target
    },
    note: event => events.add(event),
    evidence() {
      const kept = ticks.since(Number.NEGATIVE_INFINITY)
      const from = kept[0]?.t ?? startedAt
      return {
        target,
        from,
        to: (kept.at(-1)?.t ?? from) + tickMs,
        tickMs,
        ...(limits ? { limits } : {}),
        ticks: kept,
        probes: probes.since(from),
        failures: failures.since(from),
        statements: statements.since(from),
        events: events.since(from),
      }
    },
  }
}

/** The latest `most` of what is added in order of time. What is older is let go in lots, so that nothing is copied each time. */
function latest<T extends { t: number }>(most: number) {
  let kept: T[] = []
  return {
    add(...more: T[]) {
      kept.push(...more)
      if (kept.length > most + most / 4) kept = kept.slice(-most)
    },
    last: () => kept.at(-1),
    since(t: number): T[] {
      const newest = Math.max(0, kept.length - most)
      const at = kept.findIndex((one, i) => i >= newest && one.t >= t)
      return at < 0 ? [] : kept.slice(at)
    },
  }
}
