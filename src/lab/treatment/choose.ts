// What of a plan is carried out: the advice that promises a cure and that the lab can follow, or what is known to be useless.
import type {
  Advice,
  Diagnosis,
  Effect,
  Evidence,
  Plan,
  RemedyCode,
  SessionSample,
  Step,
} from '../../model/index.ts'
import type { Scenario } from '../scenario.ts'
import type { Order } from './order.ts'

/** Something to do, by whom, and what the model says it would come to. */
export interface Chosen {
  remedy: RemedyCode
  title: string
  effect: Effect
  /** Done by Spillway itself. */
  steps?: Step[]
  /** Done by the lab's own hand, and how it takes that back. */
  order?: Order
  back?: Order
}

/** Those that would take longer to show than the lab waits, and the one that is for operators and cures nothing. */
const PASSED_OVER: readonly RemedyCode[] = [
  'idle-session-timeout',
  'idle-in-transaction-timeout',
  'reserved-slots',
]

/** The first that promises that clients get connections again; where none does, the first that can be done. */
export function advisedFor({ advice }: Plan, scenario: Scenario, code?: string): Chosen | undefined {
  const possible = advice
    .filter(({ remedy }) => (code === undefined ? !PASSED_OVER.includes(remedy) : remedy === code))
    .flatMap(one => chosenOf(one, scenario) ?? [])
  return possible.find(({ effect }) => effect.connectsRecover) ?? possible[0]
}

function chosenOf(advice: Advice, scenario: Scenario): Chosen | undefined {
  const { remedy, title, effect, steps = [] } = advice
  const what = { remedy, title, effect }
  if (steps.length > 0)
    return steps.every(({ actuator }) => actuator === 'sql') ? { ...what, steps } : undefined
  const order = BY_HAND[remedy]?.(advice, scenario)
  return order && { ...what, order }
}

/** What the plan says to the operator, as what the lab does. */
const BY_HAND: Partial<Record<RemedyCode, (advice: Advice, scenario: Scenario) => Order | undefined>> = {
  'mend-statement': () => ({ do: 'mend' }),
  // On MySQL the command only prints what is to be run.
  'end-session': ({ commands }, { engine }) =>
    engine === 'postgres' ? { do: 'run', statements: commands } : undefined,
  'pool-size': ({ budget }) => budget && { do: 'resize', sizes: budget.pools },
  'scale-up': (_, { cores }) => (cores === undefined ? undefined : { do: 'cores', cores: 2 * cores }),
  // It gets a core of its own, as a machine of its own would have.
  'scale-out': (_, { engine, cores }) =>
    engine !== 'mysql' && cores !== undefined ? { do: 'put-replica' } : undefined,
  pooler: ({ commands }, { engine, pooler }) =>
    engine === 'postgres' && pooler === undefined
      ? { do: 'put-pooler', settings: poolerSettings(commands) }
      : undefined,
}

/** Lines of pgbouncer.ini; what the drivers of the lab send at the start, and PgBouncer 1.18 does not know. */
const poolerSettings = (commands: readonly string[]): Record<string, string> => ({
  ...Object.fromEntries(
    commands
      .slice(commands.indexOf('[pgbouncer]') + 1)
      .map(line => line.split(' = ') as [string, string])
      .filter(([name]) => name !== 'max_prepared_statements'),
  ),
  ignore_startup_parameters: 'statement_timeout',
})

/** The question to the model that forcing a useless remedy answers. */
export const questionOf = (remedy: RemedyCode, { limits }: Evidence, { cores = 1 }: Scenario): string =>
  remedy === 'max-connections'
    ? `max_connections=${2 * (limits?.maxConnections ?? 100)}`
    : remedy === 'scale-up'
      ? `vcpus=${2 * cores}`
      : ''

/** `plan` has answered the question. Undefined for what the lab cannot force. */
export function forced(
  remedy: RemedyCode,
  plan: Plan,
  evidence: Evidence,
  diagnosis: Diagnosis,
  { cores }: Scenario,
): Chosen | undefined {
  const { whatIf, otherwise } = plan
  const title = `forced: ${remedy}`
  if (remedy === 'max-connections' && whatIf)
    return { remedy, title, effect: whatIf.effect, steps: whatIf.steps }
  if (remedy === 'scale-up' && whatIf && cores !== undefined)
    return {
      ...{ remedy, title, effect: whatIf.effect },
      ...{ order: { do: 'cores', cores: 2 * cores }, back: { do: 'cores', cores } },
    }
  const victim = remedy === 'end-session' && longestOf(evidence, diagnosis)
  if (!victim || !otherwise) return undefined
  const session = {
    id: victim.id,
    state: victim.state,
    ...(victim.startedAt === undefined ? {} : { startedAt: victim.startedAt }),
  }
  const step: Step = {
    ...{ actuator: 'sql', what: { kind: 'end-session', session }, before: victim.state, after: null },
    ...{ reversible: false, outage: 'session', verify: ['engine', 'health-gate'] },
  }
  return { remedy, title, effect: otherwise, steps: [step] }
}

/** Whom somebody would end who knows no better: the statement in question that has run longest. */
function longestOf({ ticks }: Evidence, { findings: [root] }: Diagnosis): SessionSample | undefined {
  const active = (ticks.at(-1)?.sessions ?? []).filter(({ state }) => state === 'active')
  const named = active.filter(({ statementId }) => statementId === root?.subject?.statementId)
  return (named.length > 0 ? named : active).sort((a, b) => (b.stateAgeMs ?? 0) - (a.stateAgeMs ?? 0))[0]
}
