// What a faster storage takes along, and what it does not.
import { expect, test } from 'vitest'
import { diagnosis } from '../../test/kit/diagnosis.ts'
import { evidence, idle, refusedProbe, session, type TickSpec, times } from '../../test/kit/evidence.ts'
import type { WaitClass } from '../model/index.ts'
import { fasterStorage } from './faster.ts'
import { predict } from './predict.ts'
import { scene } from './situation.ts'

const withWaits = (io: number, lock: number) => {
  const of = (waitClass: WaitClass, count: number, from: number) =>
    times(count, i => session(`${from + i}`, { waitClass }))
  const now: TickSpec = {
    sessions: [...of('IO', io, 0), ...of('Lock', lock, 100)],
    idle: [idle(37 - io - lock)],
    probe: refusedProbe,
  }
  const calm: TickSpec = { sessions: [session('1')], idle: [idle(5)] }
  const given = evidence(20, second => (second < 10 ? calm : now))
  return scene(given, diagnosis(given, 10, []))
}

test('a queue before storage goes, with the locks behind it and the slots that it took', () => {
  const s = withWaits(30, 6)
  const { aas, slots, connectsRecover } = predict(s, fasterStorage(s, 2))
  expect([aas.before, connectsRecover]).toEqual([36, true])
  expect(aas.after).toBeLessThan(3)
  expect(slots.after).toBeLessThan(slots.before)
})

test('where most wait for locks, storage is not what they wait for', () => {
  const s = withWaits(6, 30)
  const { aas, connectsRecover } = predict(s, fasterStorage(s, 2))
  expect(aas.after).toBeGreaterThan(29)
  expect(connectsRecover).toBe(false)
})
