// What would have been said at every moment, from what was recorded up to then.
import { type Diagnosis, type Evidence, probeMs } from '../../model/index.ts'

export interface Verdict {
  /** When it could be said, epoch milliseconds. */
  t: number
  diagnosis: Diagnosis
}

export type Diagnose = (evidence: Evidence) => Diagnosis

export const replay = (evidence: Evidence, diagnose: Diagnose): Verdict[] =>
  evidence.ticks.map(({ t }) => ({ t, diagnosis: diagnose(upTo(evidence, t)) }))

/** The evidence as it was when the tick that begins at `t` had been sampled. */
export const upTo = (evidence: Evidence, t: number): Evidence => {
  const known = (at: { t: number }) => at.t <= t
  return {
    ...evidence,
    to: Math.min(evidence.to, t + evidence.tickMs),
    ticks: evidence.ticks.filter(known),
    probes: evidence.probes.filter(probe => probe.t + probeMs(probe) <= t),
    failures: evidence.failures.filter(known),
    statements: evidence.statements.filter(known),
    events: evidence.events.filter(known),
  }
}
