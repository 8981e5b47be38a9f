// Weighs the remedies that answer the findings: what is advised, best first, and what is not, with the reason.
import {
  type Advice,
  type Diagnosis,
  type Evidence,
  type Finding,
  type Market,
  type NotAdvised,
  PLAN_SCHEMA,
  type Plan,
  type RemedyCode,
} from '../model/index.ts'
import { CATALOGUE } from './catalogue/index.ts'
import { effectOnly } from './effect.ts'
import { headroom } from './headroom.ts'
import { predict } from './predict.ts'
import { FREE } from './price.ts'
import { rank } from './rank.ts'
import { isAdvised, type Remedy, type StandingRemedy, type Weighed } from './remedy.ts'
import { type Scene, scene } from './situation.ts'
import { whatIf } from './what-if/index.ts'

export interface PlanOptions {
  /** What there is to buy where the database is. */
  market?: Market
  /** `class=db.r6g.2xlarge,max_connections=800,pool.web=6` */
  whatIf?: string
  /** How many times the requests of now; the headroom is told with it. */
  load?: number
}

/** Pure; `now` (epoch milliseconds) is only written down. Throws AppError `option-invalid`. */
export function plan(
  diagnosis: Diagnosis,
  evidence: Evidence,
  now: number,
  { market, whatIf: question, load }: PlanOptions = {},
): Plan {
  const s = scene(evidence, diagnosis, market)
  const advice: Advice[] = []
  const notAdvised: NotAdvised[] = []
  const weighed = new Set<string>()
  for (const [remedy, result] of answers(s)) {
    const { code } = remedy
    // The same remedy may be advised twice, for two sessions, but not twice for one; not advised it is once.
    const key = isAdvised(result) ? `${code} ${result.title}` : code
    if (weighed.has(key) || weighed.has(code)) continue
    weighed.add(key)
    if (isAdvised(result)) advice.push(advised(remedy, result))
    else notAdvised.push({ remedy: code, ...result })
  }
  const waits = advice.find(({ remedy }) => remedy === 'wait')
  return {
    schema: PLAN_SCHEMA,
    target: diagnosis.target,
    createdAt: now,
    ...(s.now.length > 0 ? { otherwise: effectOnly(predict(s, {}, 'nothing is done')) } : {}),
    ...(waits ? { wait: waits.effect.summary } : {}),
    advice: rank(advice),
    notAdvised,
    ...(question === undefined ? {} : { whatIf: whatIf(s, question) }),
    ...(load === undefined ? {} : { headroom: headroom(s, load) }),
  }
}

/** Remedies with what they say, in the order of the findings; what asks the evidence itself comes last. */
function answers(s: Scene): [Remedy | StandingRemedy, Weighed][] {
  const found: [Remedy | StandingRemedy, Weighed | undefined][] = s.diagnosis.findings.flatMap(finding =>
    forFinding(finding).map((remedy): [Remedy, Weighed | undefined] => [
      remedy,
      remedy.weigh({ ...s, finding }),
    ]),
  )
  const asked = CATALOGUE.flatMap((remedy): [StandingRemedy, Weighed | undefined][] =>
    remedy.answers === 'evidence' ? [[remedy, remedy.weigh(s)]] : [],
  )
  const isOther = s.evidence.target.engine === 'other'
  return [...found, ...asked].flatMap(([remedy, result]) =>
    result && (!isOther || OF_ANY_ENGINE.includes(remedy.code)) ? [[remedy, result]] : [],
  )
}

/** An engine whose commands Spillway does not know has a machine, storage and a network all the same. */
const OF_ANY_ENGINE: readonly RemedyCode[] = [
  'wait',
  'security-group-rule',
  'parameter-group',
  'storage',
  'scale-up',
]

/** Those that it names, in its order, and those that say of themselves that they answer its cause. */
function forFinding({ remedies, cause }: Finding): Remedy[] {
  const all = CATALOGUE.flatMap(remedy => (remedy.answers === 'evidence' ? [] : [remedy]))
  const named = remedies.flatMap(code => all.find(remedy => remedy.code === code) ?? [])
  return [...named, ...all.filter(remedy => !named.includes(remedy) && remedy.answers.includes(cause))]
}

const advised = (
  { code, risk, outage, permissions, verify }: Remedy | StandingRemedy,
  result: Exclude<Weighed, { reason: string }>,
): Advice => ({
  remedy: code,
  price: FREE,
  risk,
  outage,
  permissions,
  verify,
  ...result,
  effect: effectOnly(result.effect),
})
