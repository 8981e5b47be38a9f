// The remedy, for real: from what was recorded to a plan, what of it is done, and whether it is left in place.
import type {
  Advice,
  Applied,
  Clock,
  Diagnosis,
  Effect,
  Evidence,
  Plan,
  RemedyCode,
  Step,
} from '../../model/index.ts'
import { isTrue } from '../judge.ts'
import type { Lab } from '../lab.ts'
import { advisedFor, advisedNext, type Chosen, forced, questionOf } from './choose.ts'
import { anewFor, settleOf } from './settle.ts'

export interface Treatment {
  remedy: RemedyCode
  title: string
  /** What was promised at that time; a later model may promise something else. */
  effect: Effect
  /** It was not advised, but marked as useless. */
  forced: boolean
  /** Among the advice all the same. */
  advised: boolean
  by: 'spillway' | 'hand'
  /** Before anything was done, and when all was done, epoch milliseconds. */
  startedAt: number
  actedAt: number
  /** What Spillway made of it. */
  applied?: Applied
  /** What was done as well when this one had its time, and trouble stood. */
  next?: Treatment
  /** A forced one that was shown not to have helped, and taken back; when. */
  takenBackAt?: number
}

/** Why nothing was carried out. */
export interface Told {
  told: string
}

/** Spillway's own way to apply something, over a connection of its own. */
interface Applying {
  /** Verified or taken back, as `spillway apply` does; and when it had been done. Throws AppError. */
  apply(): Promise<{ applied: Applied; actedAt: number }>
  /** As `spillway rollback`. Throws AppError. */
  rollback(because: string): Promise<Applied>
}

interface ToApply {
  url: string
  title: string
  steps: Step[]
  /** Absent: nothing may be worse. */
  promised?: Effect
  settleMs: number
  evidence(): Evidence
}

export interface TreatParts {
  clock: Clock
  diagnose(evidence: Evidence): Diagnosis
  plan(diagnosis: Diagnosis, evidence: Evidence, options?: { whatIf?: string }): Plan
  apply(what: ToApply): Applying
  /** Whether the promise was kept, from what was measured. */
  isKept(promised: Effect, evidence: Evidence, startedAt: number, actedAt: number): boolean
}

export interface TreatOptions {
  /** `advised`, `harms`, or the code of a remedy of the plan. */
  cure: string
  settleMs: number
  /** Everything that was recorded up to now. */
  evidence(): Evidence
}

/** Resolves when the remedy is in place and, if it was forced, taken back. Throws AppError. */
export async function treat(lab: Lab, parts: TreatParts, options: TreatOptions): Promise<Treatment | Told> {
  const { scenario } = lab
  const evidence = options.evidence()
  const diagnosis = parts.diagnose(evidence)
  if (!scenario.truth || !isTrue(diagnosis, scenario.truth))
    return { told: `the verdict was ${diagnosis.findings[0]?.cause ?? diagnosis.outcome}` }
  if (options.cure === 'harms') return forceIt(lab, diagnosis, evidence, parts, options)
  const plan = parts.plan(diagnosis, evidence)
  const chosen = advisedFor(plan, scenario, options.cure === 'advised' ? undefined : options.cure)
  if (!chosen)
    return { told: `nothing that the lab can do: ${listOf(plan.advice) || 'no remedy is advised'}` }
  const first = { ...(await carryOut(lab, chosen, chosen.effect, parts, options)).treatment, ...ADVISED }
  if (options.cure !== 'advised') return first
  const next = await goFurther(lab, chosen, first, parts, options)
  return next ? { ...first, next } : first
}

const ADVISED = { forced: false, advised: true }

/** Where trouble stands after what was done, the diagnosis is made again, and what it advises now is done as well. */
async function goFurther(
  lab: Lab,
  done: Chosen,
  { startedAt, actedAt }: Treatment,
  parts: TreatParts,
  options: TreatOptions,
): Promise<Treatment | undefined> {
  const shownAt = actedAt + settleOf(done.remedy, options.settleMs)
  await parts.clock.sleep(Math.max(0, shownAt - parts.clock.now()))
  const evidence = options.evidence()
  if (parts.isKept(done.effect, evidence, startedAt, actedAt)) return undefined
  const diagnosis = parts.diagnose(evidence)
  const { truth } = lab.scenario
  if (!truth || !diagnosis.incident?.ongoing || !isTrue(diagnosis, truth)) return undefined
  const chosen = advisedNext(parts.plan(diagnosis, evidence), lab.scenario, [done])
  if (!chosen) return undefined
  const { treatment } = await carryOut(lab, chosen, chosen.effect, parts, options)
  return { ...treatment, ...ADVISED }
}

const listOf = (advice: readonly Advice[]): string =>
  [...new Set(advice.map(({ remedy }) => remedy))].join(', ')

/** Whoever forces it hopes that all will be as before: that is what the verification is asked. */
async function forceIt(
  lab: Lab,
  diagnosis: Diagnosis,
  evidence: Evidence,
  parts: TreatParts,
  options: TreatOptions,
): Promise<Treatment | Told> {
  const { scenario } = lab
  const harms = scenario.truth?.remedy?.harms
  if (harms === undefined) return { told: 'no remedy is marked as useless' }
  const question = questionOf(harms, evidence, scenario)
  const plan = parts.plan(diagnosis, evidence, question ? { whatIf: question } : {})
  const chosen = forced(harms, plan, evidence, diagnosis, scenario)
  if (!chosen) return { told: `${harms} cannot be forced here` }
  const hoped = asBefore(chosen.effect, evidence, diagnosis)
  const { treatment, application } = await carryOut(lab, chosen, hoped, parts, options)
  const known = {
    ...treatment,
    forced: true,
    advised: plan.advice.some(({ remedy }) => remedy === harms),
  }
  if (treatment.applied && treatment.applied.outcome !== 'in-place')
    return treatment.applied.outcome === 'verified' ? known : { ...known, takenBackAt: parts.clock.now() }
  // Done by hand, or in need of a restart that the operator makes: then Spillway's measure is asked by hand as well.
  if (treatment.applied) await lab.carryOut({ do: 'restart' })
  const actedAt = parts.clock.now()
  await parts.clock.sleep(options.settleMs)
  if (parts.isKept(hoped, options.evidence(), treatment.startedAt, actedAt)) return { ...known, actedAt }
  const takenBackAt = parts.clock.now()
  if (chosen.back) await lab.carryOut(chosen.back)
  const applied = await application?.rollback('it has not helped')
  return { ...known, actedAt, takenBackAt, ...(applied && { applied }) }
}

const asBefore = (effect: Effect, evidence: Evidence, { incident }: Diagnosis): Effect => {
  const peace = evidence.ticks.filter(({ t, sessions }) => sessions && incident && t < incident.onset)
  const levels = peace.map(({ sessions = [] }) => sessions.filter(({ state }) => state === 'active').length)
  const usual = levels.reduce((sum, n) => sum + n, 0) / Math.max(1, levels.length)
  const { before } = effect.aas
  return { ...effect, aas: { before, after: Math.min(before, usual) }, connectsRecover: true }
}

async function carryOut(
  lab: Lab,
  { remedy, title, effect, steps, order }: Chosen,
  promised: Effect,
  { clock, apply }: TreatParts,
  { settleMs, evidence }: TreatOptions,
): Promise<{
  treatment: Omit<Treatment, 'forced' | 'advised'>
  application?: Applying
}> {
  const common = { remedy, title, effect, startedAt: clock.now() }
  if (order) {
    await lab.carryOut(order)
    return { treatment: { ...common, by: 'hand', actedAt: clock.now() } }
  }
  const anew = anewFor(remedy, lab.scenario.engine)
  const application = apply({
    ...{ url: lab.adminUrl, title, steps: steps ?? [], settleMs: settleOf(remedy, settleMs), evidence },
    ...(anew ? { settleMs } : { promised }),
  })
  const done = await application.apply()
  const { applied } = done
  if (anew) await lab.carryOut(anew)
  const actedAt = anew ? clock.now() : done.actedAt
  return { treatment: { ...common, by: 'spillway', actedAt, applied }, application }
}
