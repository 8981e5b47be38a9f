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

/** The first that promises a cure; where none does, the first that can be done. */
export function advisedFor(plan: Plan, scenario: Scenario, code?: string): Chosen | undefined {
  const possible = possibleIn(plan, scenario, code)
  return possible.find(promisesCure) ?? possible[0]
}

/** The first that promises a cure and is none of those that were done. */
export const advisedNext = (plan: Plan, scenario: Scenario, done: readonly Chosen[]): Chosen | undefined =>
  possibleIn(plan, scenario).find(
    one =>
      promisesCure(one) &&
      one.remedy !== 'wait' &&
      !done.some(({ remedy, title }) => remedy === one.remedy && title === one.title),
  )

const possibleIn = ({ advice }: Plan, scenario: Scenario, code?: string): Chosen[] =>
  advice
    .filter(({ remedy }) => (code === undefined ? !PASSED_OVER.includes(remedy) : remedy === code))
    .flatMap(one => chosenOf(one, scenario) ?? [])

/** Clients get connections again, and what they ask for is done. */
export const promisesCure = ({ effect }: { effect: Effect }): boolean =>
  effect.connectsRecover && (effect.unserved ?? 0) === 0

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
  wait: () => ({ do: 'wait' }),
  'mend-statement': () => ({ do: 'mend', steps: ['migrate', 'repeat', 'traffic'] }),
  'mend-outside': () => ({
    do: 'mend',
    steps: ['network', 'administer', 'redeploy', 'burn', 'fill-disk', 'restart'],
  }),
  // On MySQL the command only prints what is to be run.
  'end-session': ({ commands }, { engine }) =>
    engine === 'postgres' ? { do: 'run', statements: commands } : undefined,
  'pool-size': ({ budget }) => budget && { do: 'resize', sizes: budget.pools },
  'buffer-pool': ({ commands }) => (commands.length > 0 ? { do: 'run', statements: commands } : undefined),
  storage: (_, { limits }) => limits && { do: 'lift' },
  'scale-up': (_, { cores }) => (cores === undefined ? undefined : { do: 'cores', cores: 2 * cores }),
  // Each gets cores of its own, as a machine of its own would have.
  'scale-out': ({ routing }, { engine, cores }) =>
    engine !== 'mysql' && routing && cores !== undefined && (1 + routing.replicas) * cores <= CORES
      ? { do: 'put-replicas', ...routing }
      : undefined,
  pooler: ({ commands, poolerSize }, { engine, pooler }) =>
    engine !== 'postgres'
      ? undefined
      : pooler === undefined
        ? { do: 'put-pooler', settings: poolerSettings(commands) }
        : poolerSize === undefined
          ? undefined
          : { do: 'set-pooler', size: poolerSize },
}

/** Of the machine that the lab runs on, where it is no smaller. */
const CORES = 2

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
  // By its number alone, as somebody would who does not look whether it is still the same.
  return { remedy, title, effect: otherwise, order: { do: 'end', session: victim.id } }
}

/** Whom somebody would end who knows no better: the statement in question that has run longest. */
function longestOf({ ticks }: Evidence, { findings: [root] }: Diagnosis): SessionSample | undefined {
  const isActive = ({ state }: SessionSample) => state === 'active'
  // Short ones are not met in every sample.
  const active = (ticks.findLast(({ sessions }) => sessions?.some(isActive))?.sessions ?? []).filter(isActive)
  const named = active.filter(({ statementId }) => statementId === root?.subject?.statementId)
  return (named.length > 0 ? named : active).sort((a, b) => (b.stateAgeMs ?? 0) - (a.stateAgeMs ?? 0))[0]
}
