import { expect, test } from 'vitest'
import type { Advice, RemedyCode } from '../model/index.ts'
import { rank } from './rank.ts'

const advice = (
  remedy: RemedyCode,
  more: Partial<Advice> = {},
  effect: Partial<Advice['effect']> = {},
): Advice => ({
  remedy,
  horizon: 'for-good',
  title: remedy,
  cost: '',
  reversible: true,
  commands: [],
  ...more,
  effect: {
    aas: { before: 10, after: 5 },
    slots: { before: 10, after: 5 },
    failures: { before: 1, after: 0 },
    sessionsFreed: 0,
    slotsFreed: 0,
    connectsRecover: true,
    summary: '',
    ...effect,
  },
})
const order = (...list: Advice[]) => rank(list).map(({ remedy }) => remedy)

test('now before for good, then failures, load, price, risk', () => {
  const now = advice('end-session', { horizon: 'now' }, { aas: { before: 10, after: 9 } })
  const fails = advice('lock-timeout', {}, { connectsRecover: false, failures: { before: 1, after: 1 } })
  const light = advice('mend-statement', {}, { aas: { before: 10, after: 1 } })
  const dear = advice('scale-up', { price: { usd: 500 } })
  const unknown = advice('scale-out', { price: { note: 'no source' } })
  const risky = advice('pooler', { risk: 'high' })
  const plain = advice('pool-size', { risk: 'low' })
  expect(order(fails, unknown, dear, risky, plain, light, now)).toEqual([
    'end-session',
    'mend-statement',
    'pool-size',
    'pooler',
    'scale-up',
    'scale-out',
    'lock-timeout',
  ])
})

test('what is done at once and stops nothing waits its turn', () => {
  const calm = { failures: { before: 0, after: 0 } }
  const one = advice('cancel-statement', { horizon: 'now' }, { ...calm, aas: { before: 14, after: 13 } })
  const mend = advice('mend-statement', {}, { ...calm, aas: { before: 14, after: 1 } })
  const blocker = advice('end-session', { horizon: 'now' }, { ...calm, aas: { before: 14, after: 9 } })
  expect(order(one, mend, blocker)).toEqual(['end-session', 'mend-statement', 'cancel-statement'])
})

test('a difference of load that the model does not know is none, and equals keep their order', () => {
  const first = advice('pool-size', {}, { aas: { before: 10, after: 5.1 } })
  const second = advice('pooler', {}, { aas: { before: 10, after: 4.9 } })
  expect(order(first, second)).toEqual(['pool-size', 'pooler'])
  expect(order(second, first)).toEqual(['pooler', 'pool-size'])
})

test('doing nothing is best where it is advised', () => {
  expect(order(advice('end-session', { horizon: 'now' }), advice('wait', { horizon: 'now' }))[0]).toBe('wait')
})
