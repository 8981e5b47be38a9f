// What of a plan is done, and what is waited for afterwards.
import { expect, test } from 'vitest'
import type { Advice, Effect, Plan, Step, WhatIf } from '../model/index.ts'
import { chooseFrom, sqlOperations } from './prepare.ts'

const effect: Effect = {
  ...{ aas: { before: 30, after: 1 }, slots: { before: 37, after: 9 } },
  ...{ sessionsFreed: 29, slotsFreed: 28, connectsRecover: true, summary: '' },
}
const step: Step = {
  ...{ actuator: 'sql', what: { kind: 'setting', name: 'wait_timeout', needsRestart: false }, after: 60 },
  ...{ reversible: true, outage: 'none', verify: ['engine'] },
}
const advice = (more: Partial<Advice>): Advice => ({
  ...{ remedy: 'lock-timeout', horizon: 'for-good', title: 'a timeout', effect, cost: '', reversible: true },
  ...{ commands: [], steps: [step], ...more },
})
const plan: Plan = {
  ...{ schema: 'spillway/plan/v1', target: { name: 'shop', engine: 'mysql' }, createdAt: 0, notAdvised: [] },
  advice: [advice({}), advice({ forNewSessions: true }), advice({ steps: [] })],
}

test('of what holds for new sessions no relief of those of now is promised', () => {
  expect(chooseFrom(plan, 1)).toMatchObject({ promised: effect, steps: [step] })
  expect(chooseFrom(plan, 2).steps).toEqual([step])
  expect(chooseFrom(plan, 2)).not.toHaveProperty('promised')
  const asked: WhatIf = {
    ...{ settings: { lock_timeout: '5s' }, effect, price: {}, outage: 'none', notes: [], steps: [step] },
  }
  expect(chooseFrom({ ...plan, whatIf: asked })).toMatchObject({ promised: effect })
  expect(chooseFrom({ ...plan, whatIf: { ...asked, forNewSessions: true } })).not.toHaveProperty('promised')
})

test('what is for people, or not there, cannot be done', () => {
  for (const number of [3, 4]) expect(() => chooseFrom(plan, number)).toThrow(/./)
})

test('memory that somebody has made larger since is not made smaller', async () => {
  const what = {
    kind: 'setting',
    name: 'innodb_buffer_pool_size',
    unit: 'bytes',
    needsRestart: false,
  } as const
  const given = (value: string) => ({
    setting: async () => ({ value, kept: null, needsRestart: false, isSame: Object.is }),
  })
  const to = (value: string) => sqlOperations([{ ...step, what, after: 2 ** 30 }], given(value) as never)
  await expect(to(String(2 ** 31))).rejects.toMatchObject({ code: 'plan-stale' })
  await expect(to(String(2 ** 29))).resolves.toHaveLength(1)
})
