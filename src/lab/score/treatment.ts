// What a remedy was said to do, held against what it did.
import {
  type Diagnosis,
  type Effect,
  type Evidence,
  type Plan,
  type RemedyCode,
  type Shift,
  slotsUsed,
  type Tick,
  usableSlots,
} from '../../model/index.ts'
import { gaugesOf } from '../resampled.ts'
import { promisesCure } from '../treatment/choose.ts'
import type { Treated } from '../treatment/course.ts'
import type { Treatment } from '../treatment/treat.ts'
import { upTo } from './replay.ts'

export interface TreatmentScore {
  remedy: RemedyCode
  title: string
  by: Treatment['by']
  forced: boolean
  aas: Outcome
  slots: Outcome
  /** Share of the connection attempts that fail. */
  failures?: Outcome
  /** Requests of the services that fail, a second. */
  clients: { before: number; after: number }
  /** Falls, stays or rises: as predicted, in load and in slots. */
  sign: boolean
  slotsSign: boolean
  /** Of the load, relative to what was measured. */
  aasError: number
  /** Within a quarter, or as close as so few sessions can be told apart from that. */
  close: boolean
  inInterval: boolean
  /** It was said that clients would get connections again. */
  promised: boolean
  /** Load, slots, attempts and the services' requests are as they were in peace. */
  cured: boolean
  /** What was done as well, since trouble stood: whether all is cured is for that to say. */
  next?: TreatmentScore
  /** A useless one: it is not advised. */
  refused?: boolean
  /** A useless one: it was measured not to have helped; what can be taken back is. */
  shown?: boolean
}

interface Outcome {
  before: number
  predicted: number
  low?: number
  high?: number
  measured: number
}

/** Why nothing was done. */
export interface ToldScore {
  told: string
}

/** Less than this, or this share, is no change of load or slots. */
const SAME = 1
const SAME_SHARE = 0.2
export const CLOSE_SHARE = 0.25
/** What so many samples of so few sessions cannot tell apart. */
const CLOSE_AAS = 0.5
/** Failed requests a second that happen in peace as well. */
const CALM_FAILURES = 0.5

/** `again`: what the model of now says at a later moment. */
export const scoreTreatment = (
  { treatment, evidence, clients }: Treated,
  before: Evidence,
  plan: Plan,
  { incident }: Diagnosis,
  again: (evidence: Evidence) => Plan,
): TreatmentScore | ToldScore => {
  if ('told' in treatment) return treatment
  const known = { evidence, clients, before, incident }
  const { next } = treatment
  if (!next) return scoreOne(treatment, plan, known)
  const later = again(upTo(evidence, next.startedAt - evidence.tickMs))
  return {
    ...scoreOne({ ...treatment, takenBackAt: next.startedAt }, plan, known),
    next: scoreOne(next, later, known),
  }
}

type Known = Pick<Treated, 'evidence' | 'clients'> & {
  before: Evidence
  incident: Diagnosis['incident'] | undefined
}

const scoreOne = (
  treatment: Treatment,
  plan: Plan,
  { evidence, clients, before, incident }: Known,
): TreatmentScore => {
  const { remedy, title, by, forced, startedAt, actedAt } = treatment
  const effect = effectOf(treatment, plan)
  const end = treatment.takenBackAt ?? evidence.to
  const middle = (actedAt + end) / 2
  const after = evidence.ticks.filter(({ t, sessions }) => sessions && t >= middle && t < end)
  const peace = before.ticks.filter(({ t, sessions }) => sessions && incident && t < incident.onset)
  const tried = evidence.probes.filter(({ t }) => t >= middle && t < end)
  const failed = tried.filter(({ ok }) => !ok).length / Math.max(1, tried.length)
  const aas = outcome(effect.aas, aasOf(after))
  const slots = outcome(effect.slots, mean(after.map(tick => slotsUsed(tick) ?? 0)))
  const rates = { before: rateIn(clients, startedAt - 5_000, startedAt), after: rateIn(clients, middle, end) }
  const isFree = before.limits === undefined || slots.measured < usableSlots(before.limits)
  const cured =
    aas.measured <= 1.5 * aasOf(peace) + 1.5 &&
    isFree &&
    failed === 0 &&
    rates.after <= Math.max(CALM_FAILURES, rates.before / 10)
  const apart = Math.abs(aas.predicted - aas.measured)
  return {
    ...{ remedy, title, by, forced, aas, slots, clients: rates, promised: promisesCure({ effect }), cured },
    ...(effect.failures && { failures: outcome(effect.failures, failed) }),
    sign: changeOf(aas.predicted - aas.before, aas) === changeOf(aas.measured - aas.before, aas),
    slotsSign:
      changeOf(slots.predicted - slots.before, slots) === changeOf(slots.measured - slots.before, slots),
    aasError: apart / Math.max(aas.measured, Number.EPSILON),
    close: apart <= Math.max(CLOSE_AAS, CLOSE_SHARE * aas.measured),
    inInterval: aas.measured >= (aas.low ?? aas.predicted) && aas.measured <= (aas.high ?? aas.predicted),
    ...(forced && {
      refused: plan.advice.every(one => one.remedy !== remedy),
      shown: !cured && treatment.takenBackAt !== undefined,
    }),
  }
}

/** What the model of now says of it; of what it does not say any more, or was forced, what it said then. */
const effectOf = ({ remedy, title, effect, forced }: Treatment, { advice, whatIf }: Plan): Effect => {
  if (forced) return whatIf?.effect ?? effect
  const same = advice.filter(one => one.remedy === remedy)
  return (same.find(one => one.title === title) ?? same[0])?.effect ?? effect
}

const outcome = ({ before, after, low, high }: Shift, measured: number): Outcome => ({
  ...{ before, predicted: after, measured },
  ...(low !== undefined && { low }),
  ...(high !== undefined && { high }),
})

const changeOf = (change: number, { before }: Outcome): number =>
  Math.abs(change) <= Math.max(SAME, SAME_SHARE * before) ? 0 : Math.sign(change)

const aasOf = (ticks: readonly Tick[]): number => mean(ticks.map(tick => gaugesOf(tick).aas ?? 0))

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, n) => sum + n, 0) / Math.max(1, numbers.length)

/** A second, between two moments. */
const rateIn = (clients: Treated['clients'], from: number, to: number): number => {
  const seen = clients.filter(({ t }) => t >= from && t <= to)
  const [first, last] = [seen[0], seen.at(-1)]
  return first && last && last.t > first.t ? (1000 * (last.failed - first.failed)) / (last.t - first.t) : 0
}
