// One scenario from peace through its fault, watched as anybody's database is, and kept: what was seen, and what was true.
import type { Clock, EngineName, Evidence, Observation, Watched } from '../model/index.ts'
import type { Injection } from './fault/step.ts'
import { intensified } from './intensity.ts'
import { startLab } from './lab.ts'
import type { Witnesses } from './message.ts'
import type { Scenario, Truth } from './scenario.ts'
import { type Course, courseOf, type Treated } from './treatment/course.ts'
import type { TreatParts } from './treatment/treat.ts'

/** Which of the many. */
export interface TrialName {
  scenario: string
  engine: EngineName
  seed: number
  intensity: number
  /** The remedy is carried out as well: `advised`, `harms` for the one marked as useless, or its code. */
  cure?: string
}

/** What nobody who diagnoses may see. */
export interface TrialTruth extends TrialName {
  truth: Truth | null
  /** Absent where nothing breaks. */
  injection?: Injection
  serverVersion: string
}

export interface Recording {
  truth: TrialTruth
  /** Up to the remedy, where there is one. */
  evidence: Evidence
  treated?: Treated
}

export interface TrialParts extends TreatParts {
  clock: Clock
  /** `vcpus`: of the server, where it may not use all that there are. */
  watch(url: string, signal: AbortSignal, vcpus?: number): AsyncIterable<Watched>
  /** Hears others beside a watch, and brings what they said to its evidence. */
  attend(
    witnesses: Witnesses,
    signal: AbortSignal,
  ): Promise<{ finish(evidence: Evidence): Promise<{ evidence: Evidence }> }>
}

export interface TrialOptions {
  seed: number
  intensity: number
  /** Instead of the scenario's own. */
  baselineMs?: number
  faultMs?: number
  /** What is done about it when the fault has stood, and how long that gets to show. */
  cure?: string
  settleMs?: number
  signal?: AbortSignal
  onTick?(observation: Observation, injected: boolean): void
}

/** A remedy gets so long to show. */
const SETTLE_MS = 20_000

/** Throws AppError `binaries-missing` or `server-not-started`, and the signal's reason. */
export const runTrial = async (
  scenario: Scenario,
  parts: TrialParts,
  options: TrialOptions,
): Promise<Recording> => {
  const { clock, watch, attend } = parts
  const { seed, intensity, signal, onTick, cure, settleMs = SETTLE_MS } = options
  const { baselineMs, faultMs } = { ...scenario, ...options }
  const lab = await startLab(intensified(scenario, intensity), { seed, ...(signal && { signal }) })
  const end = new AbortController()
  const abort = () => end.abort()
  signal?.addEventListener('abort', abort, { once: true })
  let evidence: Evidence | undefined
  let injection: Injection | undefined
  let injecting: Promise<void> | undefined
  let failed: { error: unknown } | undefined
  let course: Course | undefined
  // Beside the watch: a step that takes its time must not cost it a tick.
  const inject = async () => {
    try {
      injection = await lab.injectFault()
    } catch (error) {
      failed = { error }
      end.abort()
    }
  }
  try {
    const startedAt = clock.now()
    const attendance = Object.keys(lab.witness).length > 0 ? await attend(lab.witness, end.signal) : undefined
    const finish = async (seen: Evidence) => (await attendance?.finish(seen))?.evidence ?? seen
    if (cure !== undefined) course = courseOf(lab, parts, { cure, settleMs }, finish)
    for await (const watched of watch(lab.url, end.signal, scenario.cores)) {
      evidence = watched.evidence
      onTick?.(watched.observation, injecting !== undefined)
      const ranMs = clock.now() - startedAt
      if (ranMs >= baselineMs) injecting ??= inject()
      course?.note(lab)
      if (!injection || clock.now() - injection.t < faultMs) continue
      if (!course || (await course.goOn(evidence))) break
    }
    await injecting
    signal?.throwIfAborted()
    if (failed) throw failed.error
    if (!course && evidence) evidence = await finish(evidence)
  } finally {
    signal?.removeEventListener('abort', abort)
    end.abort()
    await lab.stop()
  }
  const { name, engine, truth, fault } = scenario
  const which = { scenario: name, engine, seed, intensity, ...(cure !== undefined && { cure }) }
  return {
    truth: {
      ...which,
      truth,
      serverVersion: lab.serverVersion,
      ...(injection && fault.length > 0 && { injection }),
    },
    evidence: course?.before ?? (evidence as Evidence),
    ...(course?.before && { treated: course.end(evidence as Evidence) }),
  }
}
