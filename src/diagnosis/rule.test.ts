import { expect, test } from 'vitest'
import { idle, session, times, waiter } from '../../test/kit/evidence.ts'
import { activeByWaitClass, activeSessions } from '../load/index.ts'
import { slotsUsed, type Tick } from '../model/index.ts'
import { beyond } from './rule.ts'
import { type Gone, leftOf, remove } from './tally.ts'

/** Eight of ten samples saw twice as many waiters as the last one. */
const tick = (samples: number): Tick => ({
  t: 0,
  samples,
  signals: { connections: 16, aas: 12, aas_cpu: 4, aas_lock: 8, lock_waiters: 8 },
  sessions: [...times(4, n => session(`c${n}`)), ...times(4, n => waiter(`w${n}`, ['c0']))],
  idle: [idle(7)],
})
const waiters = (of: Tick): Gone => ({ sessions: of.sessions!.filter(({ id }) => id.startsWith('w')) })

test('the counterfactual of one sample counts what is left', () => {
  const one = tick(1)
  const left = remove(one, waiters(one))
  expect([activeSessions(left), slotsUsed(left)]).toEqual([4, 12])
  expect(leftOf(one, waiters(one))).toEqual({ active: 4, slots: 12 })
})

test('the counterfactual of a burst takes the means away with the sessions', () => {
  const burst = tick(10)
  const left = remove(burst, waiters(burst))
  expect([activeSessions(left), slotsUsed(left)]).toEqual([4, 12])
  expect(leftOf(burst, waiters(burst))).toEqual({ active: 4, slots: 12 })
  expect(left.signals.lock_waiters).toBe(0)
})

test('half of the sessions are half of the mean', () => {
  const burst = tick(10)
  const left = remove(
    burst,
    beyond(burst, 2, ({ waitClass }) => waitClass === 'Lock'),
  )
  expect(activeByWaitClass(left)).toMatchObject({ CPU: 4, Lock: 4 })
  expect(activeSessions(left)).toBe(8)
})

test('nobody away leaves everything as it is', () => {
  expect(activeSessions(remove(tick(10), {}))).toBe(12)
})
