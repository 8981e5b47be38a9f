import { expect, test } from 'vitest'
import { diagnosis, finding } from '../../../test/kit/diagnosis.ts'
import { evidence } from '../../../test/kit/evidence.ts'
import type { Advice, Cause, Plan, RemedyCode } from '../../model/index.ts'
import type { Lab } from '../lab.ts'
import { scenario } from '../scenario/index.ts'
import type { Order } from './order.ts'
import { type Treatment, type TreatParts, treat } from './treat.ts'

const seen = evidence(20, () => ({}))

const advice = (remedy: RemedyCode): Advice => ({
  ...{ remedy, horizon: 'now', title: remedy, cost: '', reversible: true, commands: [], steps: [] },
  effect: {
    ...{ aas: { before: 30, after: 1 }, slots: { before: 37, after: 9 } },
    ...{ sessionsFreed: 0, slotsFreed: 0, connectsRecover: true, summary: '' },
  },
})

/** Two faults at once: what is said first, and what is said when the first one is gone. */
const carriedOut = async (said: [Cause, RemedyCode][], isKept: boolean) => {
  const orders: Order[] = []
  const lab = {
    scenario: scenario('regression-and-idle'),
    adminUrl: '',
    carryOut: async (order: Order) => void orders.push(order),
  } as unknown as Lab
  let now = 0
  let round = 0
  const parts: TreatParts = {
    clock: {
      now: () => now,
      sleep: async ms => {
        now += ms
      },
    },
    diagnose: () => diagnosis(seen, 10, [finding(said[round]![0], [])]),
    plan: () => ({ advice: [advice(said[round++]![1])], notAdvised: [] }) as unknown as Plan,
    apply: () => {
      throw new Error('nothing here is for Spillway itself')
    },
    isKept: () => isKept,
  }
  const done = await treat(lab, parts, { cure: 'advised', settleMs: 1000, evidence: () => seen })
  return { done: done as Treatment, orders: orders.map(order => order.do), now }
}

const TWO: [Cause, RemedyCode][] = [
  ['idle-in-transaction', 'mend-outside'],
  ['query-regression', 'mend-statement'],
]

test('where trouble stands, what is advised next is done as well', async () => {
  const { done, orders, now } = await carriedOut(TWO, false)
  expect(orders).toEqual(['mend', 'mend'])
  expect(done).toMatchObject({ remedy: 'mend-outside', next: { remedy: 'mend-statement' } })
  expect(now).toBe(1000)
})

test('where all is well, or nothing else is advised, it stays with the first', async () => {
  expect((await carriedOut(TWO, true)).orders).toHaveLength(1)
  expect((await carriedOut([TWO[0]!, TWO[0]!], false)).done.next).toBeUndefined()
})

test('what is not true is not treated any further', async () => {
  expect((await carriedOut([TWO[0]!, ['connection-leak', 'pool-size']], false)).orders).toHaveLength(1)
})
