import { expect, test } from 'vitest'
import type { Observation } from '../model/index.ts'
import { recorder } from './recorder.ts'

const T0 = Date.UTC(2026, 0, 1)
const seen = (n: number, more: Partial<Observation> = {}): Observation => ({
  tick: { t: T0 + n * 1_000, signals: { aas: n } },
  probes: [{ t: T0 + n * 1_000 + 3, ok: true, phaseMs: {} }],
  ...more,
})
const record = (...observations: Observation[]) => {
  const kept = recorder({ name: 'x', engine: 'postgres' }, T0)
  for (const observation of observations) kept.add(observation)
  return kept.evidence()
}

test('ticks that were not told are gaps', () => {
  const { ticks, from, to } = record(seen(0), seen(1), seen(5))
  expect(ticks.map(({ t }) => (t - T0) / 1_000)).toEqual([0, 1, 2, 3, 4, 5])
  expect(ticks.map(({ signals }) => signals.aas)).toEqual([0, 1, undefined, undefined, undefined, 5])
  expect([from, to]).toEqual([T0, T0 + 6_000])
})

test('keeps the last hour, and nothing that is older', () => {
  const kept = recorder({ name: 'x', engine: 'postgres' }, T0)
  for (let n = 0; n < 9_000; n++) kept.add(seen(n))
  const { ticks, probes, from, to } = kept.evidence()
  expect([ticks.length, probes.length, to - from]).toEqual([3_600, 3_600, 3_600_000])
  expect(ticks.at(-1)!.signals.aas).toBe(8_999)
  expect(probes.every(({ t }) => t >= from)).toBe(true)
})

test('a stretch longer than its memory costs no more than its memory', () => {
  const { ticks, probes } = record(seen(0), seen(10 ** 9))
  expect(ticks).toHaveLength(3_600)
  expect(ticks.filter(({ signals }) => signals.aas !== undefined)).toHaveLength(1)
  expect(probes).toHaveLength(1)
})

test('what was handed out does not change', () => {
  const kept = recorder({ name: 'x', engine: 'postgres' }, T0)
  kept.add(seen(0))
  const before = kept.evidence()
  kept.add(seen(1, { events: [{ t: T0 + 1_000, source: 'spillway', kind: 'k', message: 'm' }] }))
  expect([before.ticks.length, before.events.length]).toEqual([1, 0])
  expect([kept.evidence().ticks.length, kept.evidence().events.length]).toEqual([2, 1])
})
