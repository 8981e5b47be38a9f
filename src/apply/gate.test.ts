import { expect, test } from 'vitest'
import { evidence, refusedProbe, session, T0, type TickSpec, times, waiter } from '../../test/kit/evidence.ts'
import type { Effect } from '../model/index.ts'
import { judge } from './gate.ts'

const [STARTED, ACTED] = [T0 + 10_000, T0 + 11_000]

const calm: TickSpec = { sessions: [session('1'), session('2')], idle: [{ count: 10, oldestStateAgeMs: 1 }] }
const busy: TickSpec = {
  sessions: times(9, i => session(`${i}`)),
  idle: [{ count: 10, oldestStateAgeMs: 1 }],
}
const failing: TickSpec = { ...calm, probe: refusedProbe }
const full: TickSpec = { ...calm, idle: [{ count: 40, oldestStateAgeMs: 1 }] }
const stuck: TickSpec = {
  sessions: [session('1', { state: 'idle in transaction' }), ...times(20, i => waiter(`w${i}`, ['1']))],
  idle: [{ count: 16, oldestStateAgeMs: 1 }],
  probe: refusedProbe,
}

const after = (
  before: TickSpec,
  then: TickSpec,
  { seconds = 10, isLast = true, promised = undefined as Effect | undefined } = {},
) => {
  const ticks = [...times(11, () => before), ...times(seconds, () => then)]
  return judge(
    promised,
    evidence(ticks.length, second => ticks[second]!),
    STARTED,
    ACTED,
    isLast,
  ).verdict
}

test('without a promise it is good when nothing is worse', () => {
  expect(after(calm, calm)).toBe('good')
  expect(after(busy, calm)).toBe('good')
  expect(after(busy, busy)).toBe('good')
  expect(after(failing, failing)).toBe('good')
})

test('what was well long before an incident is not what it is compared with', () => {
  const ticks = [...times(30, () => calm), ...times(11, () => stuck), ...times(8, () => stuck)]
  const seen = evidence(ticks.length, second => ticks[second]!)
  expect(judge(undefined, seen, T0 + 40_000, T0 + 41_000, true).verdict).toBe('good')
})

test.each([
  ['more load', busy],
  ['attempts that fail', failing],
  ['all slots taken', full],
])('%s is bad, at the end', (_, then) => {
  expect(after(calm, then)).toBe('bad')
  expect(after(calm, then, { isLast: false })).toBe('undecided')
})

test('too few samples prove nothing', () => {
  expect(after(calm, calm, { seconds: 2 })).toBe('bad')
  expect(after(calm, calm, { seconds: 2, isLast: false })).toBe('undecided')
})

test('a promise is kept, or it is not', () => {
  const promised: Effect = {
    aas: { before: 20, after: 2 },
    slots: { before: 37, after: 12 },
    sessionsFreed: 20,
    slotsFreed: 25,
    connectsRecover: true,
    summary: '',
  }
  expect(after(stuck, calm, { promised })).toBe('good')
  expect(after(stuck, stuck, { promised })).toBe('bad')
  expect(after(stuck, calm, { promised, seconds: 2, isLast: false })).toBe('undecided')
})
