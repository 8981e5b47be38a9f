import { expect, test } from 'vitest'
import { diagnosis, finding } from '../../../test/kit/diagnosis.ts'
import { evidence, session } from '../../../test/kit/evidence.ts'
import type { Advice, Effect, Plan, RemedyCode, Step } from '../../model/index.ts'
import { scenario } from '../scenario/index.ts'
import { advisedFor, advisedNext, forced, questionOf } from './choose.ts'

const effect = (connectsRecover: boolean): Effect => ({
  aas: { before: 30, after: connectsRecover ? 1 : 30 },
  slots: { before: 37, after: connectsRecover ? 9 : 37 },
  sessionsFreed: 0,
  slotsFreed: 0,
  connectsRecover,
  summary: '',
})

const step: Step = {
  ...{ actuator: 'sql', what: { kind: 'setting', name: 'lock_timeout', needsRestart: false } },
  ...{ after: 5000, reversible: true, outage: 'none', verify: ['engine'] },
}

const advice = (remedy: RemedyCode, cures: boolean, more: Partial<Advice> = {}): Advice => ({
  ...{ remedy, horizon: 'now', title: remedy, effect: effect(cures), cost: '', reversible: true },
  ...{ commands: [], steps: [], ...more },
})

const planOf = (...all: Advice[]): Plan => ({
  ...{ schema: 'spillway/plan/v1', target: { name: 'shop', engine: 'postgres' }, createdAt: 0 },
  ...{ advice: all, notAdvised: [], otherwise: effect(false) },
})

const shop = scenario('row-lock')!

test('what promises a cure comes before what does not, and what the lab cannot do is passed over', () => {
  const plan = planOf(
    advice('cancel-statement', false, { steps: [step] }),
    advice('idle-session-timeout', true, { steps: [step] }),
    advice('storage', true),
    advice('mend-statement', true),
    advice('lock-timeout', true, { steps: [step] }),
  )
  expect(advisedFor(plan, shop)).toMatchObject({ remedy: 'mend-statement', order: { do: 'mend' } })
  expect(advisedFor(plan, shop, 'lock-timeout')).toMatchObject({ steps: [step] })
  expect(advisedFor(plan, shop, 'pooler')).toBeUndefined()
})

test('where nothing promises a cure the first that can be done is done', () => {
  const plan = planOf(advice('scale-out', false), advice('lock-timeout', false, { steps: [step] }))
  expect(advisedFor(plan, shop)?.remedy).toBe('lock-timeout')
})

test('what leaves requests undone promises no cure, and what was done is not done again', () => {
  const moved = advice('lock-timeout', true, {
    steps: [step],
    effect: { ...effect(true), unserved: 0.4 },
  })
  const plan = planOf(moved, advice('wait', true), advice('mend-statement', true))
  expect(advisedFor(planOf(moved, advice('mend-statement', true)), shop)?.remedy).toBe('mend-statement')
  const [first] = [advisedNext(plan, shop, [])!]
  expect(first).toMatchObject({ remedy: 'mend-statement' })
  expect(advisedNext(plan, shop, [first])).toBeUndefined()
})

test('replicas are put where there are cores for all of them', () => {
  const put = (replicas: number) =>
    advisedFor(planOf(advice('scale-out', true, { routing: { replicas, share: 0.5 } })), {
      ...shop,
      cores: 1,
    })
  expect(put(1)?.order).toEqual({ do: 'put-replicas', replicas: 1, share: 0.5 })
  expect(put(2)).toBeUndefined()
})

test('a larger machine is for a server that was given a smaller one', () => {
  const plan = planOf(advice('scale-up', true))
  expect(advisedFor(plan, shop)).toBeUndefined()
  expect(advisedFor(plan, { ...shop, cores: 1 })?.order).toEqual({ do: 'cores', cores: 2 })
})

test('a pooler gets the settings of the plan, without what PgBouncer 1.18 does not know', () => {
  const commands = [
    '[databases]',
    '* = x',
    '[pgbouncer]',
    'pool_mode = transaction',
    'max_prepared_statements = 9',
  ]
  const chosen = advisedFor(planOf(advice('pooler', true, { commands })), shop)
  expect(chosen?.order).toEqual({
    do: 'put-pooler',
    settings: { pool_mode: 'transaction', ignore_startup_parameters: 'statement_timeout' },
  })
})

test('forced is what the question was answered for, or the session that has run longest', () => {
  const seen = evidence(3, () => ({
    sessions: [session('7', { stateAgeMs: 10 }), session('8', { stateAgeMs: 900 })],
  }))
  const found = diagnosis(seen, 1, [finding('load-surge', [])])
  const plan = {
    ...planOf(),
    whatIf: {
      settings: {},
      effect: effect(false),
      price: {},
      outage: 'none' as const,
      notes: [],
      steps: [step],
    },
  }
  const force = (remedy: RemedyCode, cores?: number) =>
    forced(remedy, plan, seen, found, cores === undefined ? shop : { ...shop, cores })
  expect(questionOf('max-connections', seen, shop)).toBe(`max_connections=${2 * seen.limits!.maxConnections}`)
  expect(force('max-connections')?.steps).toEqual([step])
  expect(force('scale-up')).toBeUndefined()
  expect(force('scale-up', 1)).toMatchObject({ order: { cores: 2 }, back: { cores: 1 } })
  expect(force('end-session')?.order).toEqual({ do: 'end', session: '8' })
})
