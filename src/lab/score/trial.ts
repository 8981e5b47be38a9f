// One recording, judged: what was said of it, when, and whether it was true.
import {
  type Diagnosis,
  type Evidence,
  type Plan,
  type RemedyCode,
  slotsUsed,
  usableSlots,
} from '../../model/index.ts'
import { hasSubject, isTrue } from '../judge.ts'
import type { Truth } from '../scenario.ts'
import type { Recording, TrialName } from '../trial.ts'
import { type Diagnose, replay, upTo, type Verdict } from './replay.ts'
import { scoreTreatment, type ToldScore, type TreatmentScore } from './treatment.ts'

export interface TrialScore extends TrialName {
  serverVersion: string
  /** `healthy` where nothing breaks. */
  truth: string
  /** The root that is named when the whole recording is known, or the outcome where none is. */
  said: string
  findings: string[]
  top1: boolean
  top2: boolean
  /** Absent where the truth has none. */
  kind?: boolean
  subject?: boolean
  /** Both faults of a compound are among the findings. */
  both?: boolean
  /** A cause was named, twice in a row, while nothing was wrong. */
  falseAlarm: boolean
  /** A cause that is not true was named, twice in a row, after the fault. */
  misled?: boolean
  /** From the fault to the first tick of a failed connect or of all slots taken, milliseconds. */
  effectMs?: number
  /** From the fault to the true cause named for the second time in a row, milliseconds. */
  namedMs?: number
  /** Whether the remedy that must help is advised, and the one that must not is not. */
  helps?: boolean
  harmless?: boolean
  exhaustion?: Exhaustion
  /** What the remedy did, where one was carried out. */
  treatment?: TreatmentScore | ToldScore
}

/** Half-way from the fault to the moment when no slot was left. */
interface Exhaustion {
  actualS: number
  /** Absent: `never`, or nothing was said. */
  predictedS?: number
  /** Relative to the actual; absent with the prediction. */
  error?: number
}

export interface Judges {
  diagnose: Diagnose
  plan(diagnosis: Diagnosis, evidence: Evidence, options?: { whatIf?: string }): Plan
}

export const scoreTrial = ({ truth: told, evidence, treated }: Recording, judges: Judges): TrialScore => {
  const { truth, injection, ...name } = told
  const verdicts = replay(evidence, judges.diagnose)
  const last = judges.diagnose(evidence)
  const causes: string[] = last.findings.map(({ cause }) => cause)
  const said = last.outcome === 'diagnosed' ? causes[0]! : last.outcome
  const faultAt = truth && injection ? injection.t : Number.POSITIVE_INFINITY
  const peace = verdicts.filter(
    ({ t }) => t < (truth && injection ? injection.begunAt : Number.POSITIVE_INFINITY),
  )
  const common = { ...name, said, findings: causes, falseAlarm: standing(peace).length > 0 }
  if (!truth || !injection) return { ...common, truth: 'healthy', ...both(said === 'healthy') }
  const effectMs = firstEffect(evidence, faultAt)
  const namedMs = namedAfter(verdicts, truth, faultAt)
  const plan = judges.plan(last, evidence)
  const exhaustion = forecast(evidence, faultAt, judges.diagnose)
  return {
    ...common,
    truth: truth.cause,
    ...ranks(causes, truth),
    ...about(last, truth, injection.session),
    misled: standing(verdicts.filter(({ t }) => t >= faultAt)).some(
      ({ diagnosis }) => !isTrue(diagnosis, truth),
    ),
    ...(effectMs !== undefined && { effectMs }),
    ...(namedMs !== undefined && { namedMs }),
    ...remedies(plan, truth),
    ...(exhaustion && { exhaustion }),
    ...(treated && {
      treatment: scoreTreatment(treated, evidence, plan, last, seen =>
        judges.plan(judges.diagnose(seen), seen),
      ),
    }),
  }
}

const both = (right: boolean) => ({ top1: right, top2: right })

export const ranks = (causes: string[], { cause, second }: Truth) => {
  const isRight = (one: string | undefined) => one === cause || (one !== undefined && one === second)
  return {
    top1: isRight(causes[0]),
    top2: isRight(causes[0]) || isRight(causes[1]),
    ...(second !== undefined && { both: causes.includes(cause) && causes.includes(second) }),
  }
}

/** Kind and subject of the finding of the true cause, wherever it stands. */
export const about = ({ findings }: Diagnosis, truth: Truth, session: string | undefined) => {
  const finding = findings.find(({ cause }) => cause === truth.cause)
  const subject = hasSubject(finding, truth.subject, session)
  return {
    ...(truth.kind !== undefined && { kind: finding?.kind === truth.kind }),
    ...(subject !== undefined && { subject }),
  }
}

/** Verdicts that name the same root as the one before them: what changes with every sample is not yet known. */
const standing = (verdicts: Verdict[]): Verdict[] =>
  verdicts.filter(
    (verdict, i) => rootOf(verdict) !== undefined && rootOf(verdict) === rootOf(verdicts[i - 1]),
  )

const rootOf = (verdict: Verdict | undefined): string | undefined =>
  verdict?.diagnosis.outcome === 'diagnosed' ? verdict.diagnosis.findings[0]?.cause : undefined

const namedAfter = (verdicts: Verdict[], truth: Truth, faultAt: number): number | undefined => {
  const right = standing(verdicts).find(
    ({ t, diagnosis }) => t >= faultAt && ranks([diagnosis.findings[0]!.cause], truth).top1,
  )
  return right && right.t - faultAt
}

const firstEffect = (evidence: Evidence, faultAt: number): number | undefined => {
  const failed = evidence.probes.find(({ ok, t }) => !ok && t >= faultAt)?.t
  const at = Math.min(
    failed ?? Number.POSITIVE_INFINITY,
    fullAt(evidence, faultAt) ?? Number.POSITIVE_INFINITY,
  )
  return Number.isFinite(at) ? at - faultAt : undefined
}

/** When no usable slot was left for the first time. */
const fullAt = ({ ticks, limits }: Evidence, faultAt: number): number | undefined =>
  limits && ticks.find(tick => tick.t >= faultAt && (slotsUsed(tick) ?? 0) >= usableSlots(limits))?.t

/** Shorter rises have no half-way worth the name, milliseconds. */
const SHORTEST_RISE_MS = 4_000

const forecast = (evidence: Evidence, faultAt: number, diagnose: Diagnose): Exhaustion | undefined => {
  const full = fullAt(evidence, faultAt)
  if (full === undefined || full - faultAt < SHORTEST_RISE_MS) return undefined
  const half = evidence.ticks.findLast(({ t }) => t <= (faultAt + full) / 2)!.t
  // The last slot went at some time between the tick that shows it and the one before.
  const actualS = (full - half - evidence.tickMs / 2) / 1000
  const said = diagnose(upTo(evidence, half)).slots.timeToExhaustion
  if (said === undefined || said === 'never') return { actualS }
  return { actualS, predictedS: said.p50, error: Math.abs(said.p50 - actualS) / actualS }
}

const remedies = ({ advice }: Plan, { remedy }: Truth) => {
  if (!remedy) return {}
  const advised = (code: RemedyCode) => advice.some(one => one.remedy === code)
  return { helps: advised(remedy.helps), harmless: !advised(remedy.harms) }
}
