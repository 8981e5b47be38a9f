import { expect, test } from 'vitest'
import { evidence, refusedProbe, session, T0, type TickSpec, times, waiter } from '../../test/kit/evidence.ts'
import type { Effect } from '../model/index.ts'
import { judgeRecovery } from './recovery.ts'

/** Second 10: the remedy was applied within a tenth of a second. */
const [STARTED, ACTED] = [T0 + 10_000, T0 + 10_100]

const promised: Effect = {
  aas: { before: 20, after: 2 },
  slots: { before: 37, after: 12 },
  sessionsFreed: 20,
  slotsFreed: 25,
  connectsRecover: true,
  summary: '',
}
/** 20 waiters behind one holder, 16 more: with Spillway's own, 38 slots of 37 usable. */
const bad: TickSpec = {
  sessions: [session('1', { state: 'idle in transaction' }), ...times(20, i => waiter(`w${i}`, ['1']))],
  idle: [{ count: 16, oldestStateAgeMs: 1 }],
  probe: refusedProbe,
}
const good: TickSpec = { sessions: [session('2'), session('3')], idle: [{ count: 9, oldestStateAgeMs: 1 }] }

const judge = (ticks: TickSpec[]) => {
  const all = [...times(10, () => bad), ...ticks]
  return judgeRecovery(
    promised,
    evidence(all.length, second => all[second]!),
    STARTED,
    ACTED,
  )
}
const recoveredAfter = (ticks: TickSpec[]) => {
  const { recoveredAt } = judge(ticks)
  return recoveredAt === undefined ? undefined : (recoveredAt - T0) / 1000
}

test.each([0, 1, 2])('%i good ticks are no recovery', n => {
  expect(recoveredAfter([bad, ...times(n, () => good)])).toBeUndefined()
})

test('three in a row are, from the first of them on', () => {
  expect(recoveredAfter([bad, good, good, good])).toBe(11)
  expect(recoveredAfter([bad, bad, bad, ...times(6, () => good)])).toBe(13)
})

test('three that are not in a row are not', () => {
  expect(recoveredAfter([bad, good, good, bad, good, good])).toBeUndefined()
})

test('the tick of the action itself does not count', () => {
  expect(recoveredAfter([good, good, good])).toBeUndefined()
  expect(recoveredAfter([good, good, good, good])).toBe(11)
})

test('a relapse takes the recovery back, and it has to be earned again', () => {
  const relapsed = [bad, good, good, good, good, bad]
  expect(recoveredAfter(relapsed)).toBeUndefined()
  expect(recoveredAfter([...relapsed, good, good])).toBeUndefined()
  expect(recoveredAfter([...relapsed, good, good, good])).toBe(16)
})

test('without one connection that succeeded nothing is proven', () => {
  const unprobed: TickSpec = { ...good, probe: false }
  expect(recoveredAfter([bad, ...times(5, () => unprobed)])).toBeUndefined()
  expect(recoveredAfter([bad, unprobed, unprobed, good])).toBe(11)
})

test('a connection that fails holds the recovery up', () => {
  const refused: TickSpec = { ...good, probe: refusedProbe }
  expect(recoveredAfter([bad, ...times(6, () => refused)])).toBeUndefined()
  expect(recoveredAfter([bad, refused, good, good, good])).toBe(12)
})

test('an attempt from before the action says nothing about what came after it', () => {
  // The probe of second 10 begins 5 ms into the tick, before the action was done.
  expect(recoveredAfter([{ ...good, probe: refusedProbe }, good, good, good])).toBe(11)
})

test('gaps neither help nor harm', () => {
  const gap: TickSpec = { gap: true, probe: false }
  expect(recoveredAfter([bad, good, gap, good])).toBeUndefined()
  expect(recoveredAfter([bad, good, gap, good, gap, good])).toBe(11)
  expect(recoveredAfter([bad, gap, gap, gap, gap])).toBeUndefined()
})

test('a connection that fails while nothing can be sampled is a relapse', () => {
  const dark: TickSpec = { gap: true, probe: refusedProbe }
  expect(recoveredAfter([bad, good, good, good, dark])).toBeUndefined()
  expect(recoveredAfter([bad, good, good, good, dark, good, good, good])).toBe(15)
})

test('each sign of the trouble alone is enough to say no', () => {
  const busy: TickSpec = { sessions: times(12, i => session(`${i}`)) }
  const waiting: TickSpec = { sessions: times(3, i => waiter(`${i}`, ['1'])) }
  const full: TickSpec = { ...good, idle: [{ count: 34, oldestStateAgeMs: 1 }] }
  const oneFree: TickSpec = { ...good, idle: [{ count: 33, oldestStateAgeMs: 1 }] }
  for (const sign of [busy, waiting, full])
    expect(recoveredAfter([bad, sign, sign, sign, sign])).toBeUndefined()
  expect(recoveredAfter([bad, oneFree, oneFree, oneFree])).toBe(11)
})

test('half of the promised drop is enough, and a tenth of the waiters may be left', () => {
  const half: TickSpec = {
    sessions: [...times(9, i => session(`${i}`)), ...times(2, i => waiter(`w${i}`, ['1']))],
  }
  expect(recoveredAfter([bad, half, half, half])).toBe(11)
})

test('what was promised stands beside what came', () => {
  const { comparison } = judge([bad, good, good, good, good])
  expect(comparison).toEqual([
    { measure: 'aas', before: 20, predicted: 2, measured: 2 },
    { measure: 'lock waiters', before: 20, predicted: 0, measured: 0 },
    { measure: 'slots', before: 37, predicted: 12, measured: 12 },
    { measure: 'failed connects', before: 3, predicted: 0, measured: 0 },
  ])
})

test('before it is well again, what there is after the action is compared', () => {
  const { recoveredAt, comparison } = judge([bad, bad, good])
  expect(recoveredAt).toBeUndefined()
  expect(comparison.find(({ measure }) => measure === 'lock waiters')).toEqual({
    measure: 'lock waiters',
    before: 20,
    predicted: 0,
    measured: 10,
  })
  expect(comparison.find(({ measure }) => measure === 'failed connects')?.measured).toBe(1)
})

test('slots are those of the end, since pools give them back one by one', () => {
  const shrinking = times(6, i => ({ ...good, idle: [{ count: 30 - 4 * i, oldestStateAgeMs: 1 }] }))
  const { comparison } = judge([bad, ...shrinking])
  // 18, 14 and 10 idle, two active and Spillway's own.
  expect(comparison.find(({ measure }) => measure === 'slots')?.measured).toBe(17)
})

test('nothing was sampled since: nothing is compared', () => {
  expect(judge([bad])).toEqual({ comparison: [] })
  expect(
    judge([
      { gap: true, probe: false },
      { gap: true, probe: false },
    ]),
  ).toEqual({ comparison: [] })
})

test('limits that are not known hold nothing up', () => {
  const { limits: _, ...given } = evidence(14, second => (second < 11 ? bad : good))
  expect(judgeRecovery(promised, given, STARTED, ACTED).recoveredAt).toBe(T0 + 11_000)
})
