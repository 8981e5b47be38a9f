// One incident from beginning to proof: peace, fault, detection, remedy, recovery. Watches as it would watch anybody's
// database; only the score at the end knows what was broken.
import type {
  Advice,
  Clock,
  Connection,
  Diagnosis,
  Evidence,
  Mark,
  Observation,
  Plan,
  Run,
  Watched,
} from '../model/index.ts'
import type { Injection } from './fault/step.ts'
import { isTrue, named, pointsAt } from './judge.ts'
import type { Lab } from './lab.ts'
import type { Truth } from './scenario.ts'

/** What the drill needs of the rest of the house. */
export interface DrillParts {
  clock: Clock
  watch(url: string, signal: AbortSignal): AsyncIterable<Watched>
  diagnose(evidence: Evidence): Diagnosis
  plan(diagnosis: Diagnosis, evidence: Evidence): Plan
  act(advice: Advice, connection: Connection): Promise<Run>
  verify(run: Run, evidence: Evidence): Run
  conclude(run: Run): Promise<void>
}

type DrillStage = 'baseline' | 'fault' | 'recovery'

export type DrillEvent =
  | { kind: 'tick'; stage: DrillStage; observation: Observation }
  | { kind: 'baseline'; diagnosis: Diagnosis }
  | { kind: 'fault'; injection: Injection }
  | { kind: 'detected'; diagnosis: Diagnosis; afterMs: number }
  | { kind: 'verdict'; diagnosis: Diagnosis; plan: Plan }
  | { kind: 'acting'; advice: Advice }
  | { kind: 'acted'; run: Run }
  | { kind: 'verified'; run: Run }
  | { kind: 'end'; result: DrillResult }

export interface DrillResult {
  ok: boolean
  /** What did not go as it must, in words; empty when ok. */
  failures: string[]
  diagnosis: Diagnosis
  evidence: Evidence
  plan?: Plan
  run?: Run
  marks: Mark[]
  /** Milliseconds after the fault. */
  firstRefusedMs?: number
  verdictMs?: number
  /** Milliseconds after the action. */
  recoveredMs?: number
}

/** How long the fault may go on before the drill gives up, and how long the recovery may take. */
const FAULT_MS = 30_000
const RECOVERY_MS = 25_000
/** A healthy drill goes on this long after its baseline. */
const PEACE_MS = 10_000

export interface DrillOptions {
  signal?: AbortSignal
  /** Instead of the scenario's own. */
  baselineMs?: number
  /** Refused attempts that the audience gets to see before the remedy. A real watch need not wait for any. */
  refusals?: number
  /** How long to go on after the proof: the pools still give slots back. */
  settleMs?: number
}

export async function* drill(
  lab: Lab,
  parts: DrillParts,
  options: DrillOptions = {},
): AsyncGenerator<DrillEvent> {
  const { clock, diagnose, plan } = parts
  const { scenario } = lab
  const end = new AbortController()
  options.signal?.addEventListener('abort', () => end.abort(), { once: true })
  const state: State = { stage: 'baseline', startedAt: clock.now(), marks: [], failures: [], detected: [] }
  const { baselineMs = scenario.baselineMs, refusals = 8, settleMs = 8_000 } = options

  for await (const { observation, evidence } of parts.watch(lab.url, end.signal)) {
    state.evidence = evidence
    yield { kind: 'tick', stage: state.stage, observation }
    const diagnosis = diagnose(evidence)

    if (state.stage === 'baseline') {
      if (clock.now() - state.startedAt < baselineMs) continue
      yield* endBaseline(state, diagnosis)
      if (scenario.truth) yield { kind: 'fault', injection: await breakIt(state, lab) }
      state.stage = 'fault'
    } else if (state.stage === 'fault') {
      const waitedMs = clock.now() - (state.injection?.t ?? state.startedAt + baselineMs)
      yield* detect(state, diagnosis, waitedMs)
      if (!scenario.truth ? waitedMs < PEACE_MS : !isShown(state, diagnosis, refusals) && waitedMs < FAULT_MS)
        continue
      state.diagnosis = diagnosis
      state.plan = plan(diagnosis, evidence)
      yield { kind: 'verdict', diagnosis, plan: state.plan }
      const cure = state.detectedAt === undefined ? undefined : state.plan.advice[0]
      if (!cure?.action || !observation.connection) break
      yield { kind: 'acting', advice: cure }
      state.run = await parts.act(cure, observation.connection)
      state.marks.push({ t: state.run.actedAt ?? clock.now(), kind: 'remedy', label: cure.title })
      yield { kind: 'acted', run: state.run }
      state.stage = 'recovery'
    } else {
      const run = parts.verify(state.run!, evidence)
      if (run.verified && !state.run!.verified) yield { kind: 'verified', run }
      state.run = run
      const sinceMs = clock.now() - (run.recoveredAt ?? run.actedAt! + RECOVERY_MS - settleMs)
      if (sinceMs >= settleMs) break
    }
  }
  end.abort()
  if (options.signal?.aborted || !state.evidence) return
  if (state.run) await parts.conclude(state.run)
  yield { kind: 'end', result: score(state, lab, state.evidence, diagnose) }
}

interface State {
  stage: DrillStage
  startedAt: number
  evidence?: Evidence
  injection?: Injection
  /** Root of the last diagnosis; what stands twice is detected, milliseconds after the fault. */
  root?: string | undefined
  detectedAt?: number | undefined
  detected: { diagnosis: Diagnosis; afterMs: number }[]
  diagnosis?: Diagnosis
  plan?: Plan
  run?: Run
  marks: Mark[]
  failures: string[]
}

function* endBaseline(state: State, diagnosis: Diagnosis): Generator<DrillEvent> {
  yield { kind: 'baseline', diagnosis }
  if (diagnosis.outcome !== 'healthy')
    state.failures.push(`the baseline was judged ${diagnosis.outcome}, not healthy`)
}

async function breakIt(state: State, lab: Lab): Promise<Injection> {
  state.injection = await lab.injectFault()
  state.marks.push({ t: state.injection.t, kind: 'fault', label: 'fault injected' })
  return state.injection
}

/** A verdict counts when it names the same root twice in a row: what changes with every sample is not yet known. */
function* detect(state: State, diagnosis: Diagnosis, afterMs: number): Generator<DrillEvent> {
  const root = rootOf(diagnosis)
  const stands = root !== undefined && root === state.root
  if (root === undefined || root !== state.root) state.detectedAt = undefined
  state.root = root
  if (!stands || state.detectedAt !== undefined) return
  state.detectedAt = afterMs
  state.detected.push({ diagnosis, afterMs })
  yield { kind: 'detected', diagnosis, afterMs }
}

const rootOf = ({ outcome, findings: [root] }: Diagnosis): string | undefined =>
  outcome === 'diagnosed' ? JSON.stringify([root?.cause, root?.subject?.session?.id]) : undefined

/** The injected cause, and the right session. */
function names(diagnosis: Diagnosis, truth: Truth, injection: Injection | undefined): boolean {
  const finding = named(diagnosis, truth)
  return finding !== undefined && pointsAt(finding, injection?.session)
}

/** The verdict stands, and the audience has seen connections fail (where they do). */
const isShown = (state: State, diagnosis: Diagnosis, refusals: number): boolean =>
  state.detectedAt !== undefined &&
  (diagnosis.connect.failed >= refusals || diagnosis.findings[0]?.cause === 'role-limit')

function score(state: State, lab: Lab, evidence: Evidence, diagnose: DrillParts['diagnose']): DrillResult {
  const { injection, run, plan } = state
  const { truth } = lab.scenario
  const diagnosis = state.diagnosis ?? diagnose(evidence)
  const right = truth ? state.detected.find(verdict => names(verdict.diagnosis, truth, injection)) : undefined
  const marks = right
    ? [
        ...state.marks,
        { t: injection!.t + right.afterMs, kind: 'detected' as const, label: `${truth!.cause} named` },
      ]
    : state.marks
  const failures = [...state.failures]
  if (truth && !names(diagnosis, truth, injection))
    failures.push(`the verdict does not name the injected cause ${truth.cause}`)
  for (const wrong of truth ? state.detected.filter(verdict => !isTrue(verdict.diagnosis, truth)) : []) {
    failures.push(
      `${wrong.diagnosis.findings[0]!.cause} was named ${Math.round(wrong.afterMs / 1000)} s after the fault`,
    )
  }
  // Where a session is at the root, ending it is what must help; elsewhere there is nothing that Spillway could do itself.
  if (injection?.session !== undefined && !run?.verified) failures.push('the recovery was not verified')
  if (!truth && (diagnosis.outcome !== 'healthy' || diagnosis.findings.length > 0)) {
    failures.push(`a healthy database was judged ${diagnosis.outcome}`)
  }
  const refused = evidence.probes.find(probe => !probe.ok && injection && probe.t >= injection.t)
  const firstRefused = Math.min(
    refused?.t ?? Number.POSITIVE_INFINITY,
    lab.firstRefusedAt ?? Number.POSITIVE_INFINITY,
  )
  const all = [
    ...marks,
    ...(Number.isFinite(firstRefused)
      ? [{ t: firstRefused, kind: 'first-failure' as const, label: 'first connection refused' }]
      : []),
    ...(run?.recoveredAt === undefined
      ? []
      : [{ t: run.recoveredAt, kind: 'recovered' as const, label: 'recovered' }]),
  ]
  return {
    ok: failures.length === 0,
    failures,
    diagnosis,
    evidence,
    ...(plan ? { plan } : {}),
    ...(run ? { run } : {}),
    marks: all.sort((a, b) => a.t - b.t),
    ...(injection && Number.isFinite(firstRefused) ? { firstRefusedMs: firstRefused - injection.t } : {}),
    ...(right ? { verdictMs: right.afterMs } : {}),
    ...(run?.recoveredAt !== undefined ? { recoveredMs: run.recoveredAt - run.actedAt! } : {}),
  }
}
