import { describe, expect, test } from 'vitest'
import { evidence } from '../../test/kit/evidence.ts'
import { behind, isBehind } from './behind.ts'
import { diagnose } from './index.ts'

test.each([
  ['a moment', 2, 0, false],
  ['long, and never before', 9, 0, true],
  ['as it always is', 9, 8, false],
  ['much longer than always', 30, 8, true],
])('%s', (_, lag, usual, is) => expect(isBehind(lag, usual)).toBe(is))

describe('a replica', () => {
  const seen = (lag: (second: number) => number) =>
    evidence(40, second => ({ signals: { replica_lag_s: lag(second) } }))
  test('that falls behind is in trouble from then on, and nothing else is', () => {
    const given = seen(second => (second < 20 ? 0.1 : second - 19))
    expect(given.ticks.map(behind(given.ticks)).indexOf(true)).toBe(24)
    const { outcome, findings } = diagnose(given, 0)
    expect(outcome).toBe('diagnosed')
    expect(findings.map(({ cause }) => cause)).toEqual(['replication-lag'])
  })
  test('that is always late is healthy', () => {
    expect(
      diagnose(
        seen(() => 30),
        0,
      ).outcome,
    ).toBe('healthy')
  })
})
