// One scenario from peace through its fault, watched as anybody's database is, and kept: what was seen, and what was true.
import type { Clock, EngineName, Evidence, Observation, Watched } from '../model/index.ts'
import type { Injection } from './fault/step.ts'
import { intensified } from './intensity.ts'
import { startLab } from './lab.ts'
import type { Witnesses } from './message.ts'
import type { Scenario, Truth } from './scenario.ts'

/** Which of the many. */
export interface TrialName {
  scenario: string
  engine: EngineName
  seed: number
  intensity: number
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
  evidence: Evidence
}

export interface TrialParts {
  clock: Clock
  watch(url: string, signal: AbortSignal): AsyncIterable<Watched>
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
  signal?: AbortSignal
  onTick?(observation: Observation, injected: boolean): void
}

/** Throws AppError `binaries-missing` or `server-not-started`, and the signal's reason. */
export const runTrial = async (
  scenario: Scenario,
  { clock, watch, attend }: TrialParts,
  options: TrialOptions,
): Promise<Recording> => {
  const { seed, intensity, signal, onTick } = options
  const { baselineMs, faultMs } = { ...scenario, ...options }
  const lab = await startLab(intensified(scenario, intensity), { seed, ...(signal && { signal }) })
  const end = new AbortController()
  const abort = () => end.abort()
  signal?.addEventListener('abort', abort, { once: true })
  let evidence: Evidence | undefined
  let injection: Injection | undefined
  let injecting: Promise<void> | undefined
  let failed: { error: unknown } | undefined
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
    for await (const watched of watch(lab.url, end.signal)) {
      evidence = watched.evidence
      onTick?.(watched.observation, injecting !== undefined)
      const ranMs = clock.now() - startedAt
      if (ranMs >= baselineMs) injecting ??= inject()
      if (injection && clock.now() - injection.t >= faultMs) break
    }
    await injecting
    signal?.throwIfAborted()
    if (failed) throw failed.error
    if (attendance && evidence) evidence = (await attendance.finish(evidence)).evidence
  } finally {
    signal?.removeEventListener('abort', abort)
    end.abort()
    await lab.stop()
  }
  const { name, engine, truth, fault } = scenario
  const which = { scenario: name, engine, seed, intensity, truth, serverVersion: lab.serverVersion }
  return {
    truth: { ...which, ...(injection && fault.length > 0 && { injection }) },
    evidence: evidence as Evidence,
  }
}
