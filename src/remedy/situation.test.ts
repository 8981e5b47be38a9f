import { expect, test } from 'vitest'
import { diagnosis, finding } from '../../test/kit/diagnosis.ts'
import { evidence, idle, session, T0, type TickSpec, times, waiter } from '../../test/kit/evidence.ts'
import { predict } from './predict.ts'
import { situation, slotsGivenBack, waitingBehind } from './situation.ts'

const HEAD = session('1', { state: 'idle in transaction', application: 'billing', user: 'billing' })
const calm: TickSpec = { sessions: [session('2')], idle: [idle(5)] }

const at = (seconds: number, tickAt: (second: number) => TickSpec, from = 10) => {
  const given = evidence(seconds, tickAt)
  const cause = finding('idle-in-transaction', ['end-session'], { subject: { session: HEAD } })
  return situation(given, diagnosis(given, from, [cause]), cause)
}
/** Ten calm seconds, then ten waiters behind the head. */
const jammed = (second: number): TickSpec =>
  second < 10 ? calm : { sessions: [HEAD, ...times(10, i => waiter(`w${i}`, ['1']))], idle: [idle(1)] }

test('now is the last three samples, before is what came ahead of the incident', () => {
  const s = at(20, jammed)
  expect(s.before.map(({ t }) => (t - T0) / 1000)).toEqual(times(10, i => i))
  expect(s.now.map(({ t }) => (t - T0) / 1000)).toEqual([17, 18, 19])
  // Ten waiters; the head, the idle one and Spillway hold slots as well.
  expect(s).toMatchObject({ aas: 10, slots: 13, usable: 37 })
})

test('gaps are neither now nor before', () => {
  const s = at(20, second => (second === 19 || second === 3 ? { gap: true } : jammed(second)))
  expect(s.now.map(({ t }) => (t - T0) / 1000)).toEqual([16, 17, 18])
  expect(s.before).toHaveLength(9)
  expect(s.slots).toBe(13)
})

test('what is older than the incident’s onset is before', () => {
  const given = evidence(20, jammed)
  const cause = finding('idle-in-transaction', [])
  const incident = { from: T0 + 10_000, to: given.to, onset: T0 + 6000, ongoing: true }
  expect(situation(given, diagnosis(given, 10, [cause], { incident }), cause).before).toHaveLength(6)
})

test('nothing sampled is a situation with nothing in it', () => {
  const s = at(5, () => ({ gap: true }))
  expect(s).toMatchObject({ before: [], now: [], aas: 0, slots: 0, growthPerS: undefined })
})

test('growth is that of the incident, not of the hour before it', () => {
  const s = at(
    130,
    second => {
      if (second < 20) return { idle: [idle(1)] }
      if (second < 120) return { idle: [idle(10)] }
      return { idle: [idle(10)], sessions: times(3 * (second - 119), i => waiter(`${i}`, ['1'])) }
    },
    120,
  )
  expect(s.growthPerS).toBeCloseTo(3, 1)
})

test('each pool keeps what it had before and lets the rest go', () => {
  const s = at(20, second =>
    second < 10
      ? calm
      : {
          sessions: [
            HEAD,
            ...times(10, i => waiter(`w${i}`, ['1'])),
            ...times(4, i => waiter(`b${i}`, ['1'], BATCH)),
          ],
          idle: [idle(1)],
        },
  )
  const { last } = waitingBehind(s, '1')
  // web: 11 now, 6 before: 5 go. batch: 4 now, none before: 4 go. And the ended session’s own.
  expect(last.size).toBe(14)
  expect(slotsGivenBack(s, last, 1)).toBe(1 + 5 + 4)
})
const BATCH = { application: 'batch', user: 'batch' }

test('a pool never gives back more than waits', () => {
  const s = at(20, second =>
    second < 10 ? calm : { sessions: [HEAD, ...times(2, i => waiter(`w${i}`, ['1']))], idle: [idle(20)] },
  )
  expect(slotsGivenBack(s, waitingBehind(s, '1').last, 1)).toBe(3)
})

test('without a time before only what is certain is promised', () => {
  const s = at(10, second => jammed(second + 10), 0)
  expect(slotsGivenBack(s, waitingBehind(s, '1').last, 1)).toBe(1)
})

test('behind a session stand those who wait for it directly or through others', () => {
  const sessions = [HEAD, waiter('a', ['1']), waiter('b', ['a']), waiter('c', ['b']), waiter('x', ['9'])]
  const s = at(20, second => (second < 10 ? calm : { sessions }))
  expect([...waitingBehind(s, '1').last].sort()).toEqual(['a', 'b', 'c'])
  expect([...waitingBehind(s, 'a').last].sort()).toEqual(['b', 'c'])
  expect(waitingBehind(s, '1').mean).toBe(3)
})

test('a circle ends', () => {
  const sessions = [waiter('a', ['b']), waiter('b', ['a']), waiter('c', ['a'])]
  const s = at(20, second => (second < 10 ? calm : { sessions }))
  expect([...waitingBehind(s, 'a').last].sort()).toEqual(['b', 'c'])
})

test('a chain of 20,000 neither overflows the stack nor takes long', () => {
  const sessions = [HEAD, waiter('c0', ['1']), ...times(20_000, i => waiter(`c${i + 1}`, [`c${i}`]))]
  const s = at(12, second => (second < 11 ? calm : { sessions }))
  expect(waitingBehind(s, '1').last.size).toBe(20_001)
})

test('an effect never goes below nothing', () => {
  const s = at(20, jammed)
  const change = { relieves: () => () => true, slots: { certain: 50, likely: 50 }, endsGrowth: true }
  expect(predict(s, change)).toMatchObject({
    aas: { before: 10, after: 0, low: 0 },
    slots: { before: 13, after: 0, low: 0 },
  })
})
