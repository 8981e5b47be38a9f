import { describe, expect, test } from 'vitest'
import { evidence, refusedProbe, T0 } from '../../test/kit/evidence.ts'
import type { Evidence, FailureCount, Testimony } from '../model/index.ts'
import { withTestimony } from './testimony.ts'

const calm = (): Evidence => evidence(10, () => ({}))

const refusal = (second: number, count: number, more: Partial<FailureCount> = {}): FailureCount => ({
  t: T0 + second * 1_000,
  source: 'log',
  failure: 'reserved-slots-only',
  user: 'web',
  count,
  ...more,
})

const said = (failures: FailureCount[], more: Partial<Testimony> = {}): Testimony => ({
  failures,
  events: [],
  complete: true,
  notes: [],
  ...more,
})

test('counts are laid into ticks, equal ones joined, others kept apart', () => {
  const { failures, ticks } = withTestimony(
    calm(),
    said([refusal(2.1, 3), refusal(2.9, 4), refusal(2.5, 1, { user: 'api' }), refusal(3, 1)]),
  )
  expect(failures.map(({ t, user, count }) => [(t - T0) / 1_000, user, count])).toEqual([
    [2, 'web', 7],
    [2, 'api', 1],
    [3, 'web', 1],
  ])
  expect(ticks.map(({ signals }) => signals.connections_failed_per_s)).toEqual([0, 0, 8, 1, 0, 0, 0, 0, 0, 0])
})

test('of another time', () => {
  const { failures } = withTestimony(calm(), said([refusal(-1, 1), refusal(10, 1)]))
  expect(failures).toEqual([])
})

describe("Spillway's own attempts", () => {
  const probed = (user: string): Evidence => {
    const made = evidence(10, second => (second >= 4 ? { probe: refusedProbe } : {}))
    return { ...made, target: { ...made.target, user } }
  }
  const log = Array.from({ length: 6 }, (_, i) => refusal(4 + i, 3))

  test('are taken out, one a probe', () => {
    const { failures } = withTestimony(probed('web'), said(log))
    expect(failures.map(({ count }) => count)).toEqual([2, 2, 2, 2, 2, 2])
  })
  test('are known by their role, where the log names it', () => {
    const { failures } = withTestimony(probed('watcher'), said(log))
    expect(failures.reduce((sum, { count }) => sum + count, 0)).toBe(18)
  })
  test('end at the pooler, where one is between, and are in no log of the server', () => {
    const made = probed('web')
    const through = { ...made, target: { ...made.target, viaPooler: true } }
    const count = (source: 'log' | 'pooler') =>
      withTestimony(through, said(log.map(one => ({ ...one, source })))).failures.map(one => one.count)
    expect(count('pooler')).toEqual([2, 2, 2, 2, 2, 2])
    expect(count('log')).toEqual([3, 3, 3, 3, 3, 3])
  })
  test('are of the same kind', () => {
    const others = log.map(one => ({ ...one, failure: 'role-limit' as const }))
    expect(
      withTestimony(probed('web'), said(others)).failures.reduce((sum, { count }) => sum + count, 0),
    ).toBe(18)
  })
})

test('a session that is ended is no failed connect; silence of an incomplete source is none', () => {
  const ended = said([refusal(1, 5, { failure: 'session-ended' })])
  expect(withTestimony(calm(), ended).ticks[1]!.signals.connections_failed_per_s).toBe(0)
  const partial = said([refusal(1, 5)], { complete: false })
  expect(withTestimony(calm(), partial).ticks[1]!.signals.connections_failed_per_s).toBeUndefined()
})

test('a gap stays a gap, and what the server counts itself is kept', () => {
  const made = evidence(3, second =>
    second === 1 ? { gap: true } : { signals: { connections_opened_per_s: 7 } },
  )
  const { ticks } = withTestimony(made, said([refusal(1, 2)], { opened: [{ t: T0, count: 2 }] }))
  expect(ticks[1]!.signals).toEqual({})
  expect(ticks[0]!.signals.connections_opened_per_s).toBe(7)
})
