import { expect, test } from 'vitest'
import { idle, session, times, waiter } from '../../test/kit/evidence.ts'
import { activeByWaitClass, activeSessions } from '../load/index.ts'
import { slotsUsed, type Tick } from '../model/index.ts'
import { remove, removeBeyond } from './rule.ts'

/** Eight of ten samples saw twice as many waiters as the last one. */
const tick = (samples: number): Tick => ({
  t: 0,
  samples,
  signals: { connections: 16, aas: 12, aas_cpu: 4, aas_lock: 8, lock_waiters: 8 },
  sessions: [...times(4, n => session(`c${n}`)), ...times(4, n => waiter(`w${n}`, ['c0']))],
  idle: [idle(7)],
})
const isWaiter = (id: string) => id.startsWith('w')

test('the counterfactual of one sample counts what is left', () => {
  const left = remove(tick(1), isWaiter)
  expect([activeSessions(left), slotsUsed(left)]).toEqual([4, 12])
})

test('the counterfactual of a burst takes the means away with the sessions', () => {
  const left = remove(tick(10), isWaiter)
  expect([activeSessions(left), slotsUsed(left)]).toEqual([4, 12])
  expect(left.signals.lock_waiters).toBe(0)
})

test('half of the sessions are half of the mean', () => {
  const left = removeBeyond(tick(10), 2, ({ waitClass }) => waitClass === 'Lock')
  expect(activeByWaitClass(left)).toMatchObject({ CPU: 4, Lock: 4 })
  expect(activeSessions(left)).toBe(8)
})

test('nobody away leaves everything as it is', () => {
  expect(activeSessions(remove(tick(10), () => false))).toBe(12)
})
