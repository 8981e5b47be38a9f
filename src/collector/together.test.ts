// A watch and what AWS has of the same time: nothing is made up, and nothing is hidden.
import { expect, test } from 'vitest'
import { evidence, session, T0 } from '../../test/kit/evidence.ts'
import type { Evidence, Signals } from '../model/index.ts'
import { together } from './together.ts'

const watched: Evidence = evidence(20, second =>
  second === 7 ? { gap: true } : { sessions: [session('1'), session('2')], signals: { aas: 2 } },
)

const cloud = (tickMs: number, from: number, signalsAt: (t: number) => Signals, ticks: number): Evidence => ({
  ...watched,
  target: { name: 'rds:x', engine: 'postgres', instanceClass: 'db.r6g.xlarge', vcpus: 4 },
  from,
  tickMs,
  ticks: Array.from({ length: ticks }, (_, i) => ({
    t: from + i * tickMs,
    signals: signalsAt(from + i * tickMs),
  })),
  probes: [],
})

test('levels of the machine stand beside the samples, as long as they are fresh', () => {
  const minutes = cloud(
    60_000,
    T0 - 600_000,
    t => (t < T0 - 540_000 ? { swap_used_bytes: 1 } : { cpu_pct: 50, connections: 9 }),
    10,
  )
  const { ticks, target } = together(watched, minutes)
  expect(ticks[0]?.signals).toMatchObject({ cpu_pct: 50, connections: 3 })
  expect(ticks[0]?.signals.swap_used_bytes).toBeUndefined()
  expect(ticks[7]?.signals).toEqual({})
  expect(target).toMatchObject({ name: 'test', vcpus: 4, instanceClass: 'db.r6g.xlarge' })
})

test.each([
  [2, 'agreement'],
  [2.9, 'agreement'],
  [9, 'disagreement'],
])('AAS %d beside a sampled 2 is %s', (aas, kind) => {
  const { events, ticks } = together(
    watched,
    cloud(1_000, T0, () => ({ aas }), 20),
  )
  expect(events.map(event => event.kind)).toEqual([kind])
  expect(ticks[0]?.signals.aas).toBe(2)
})

test('who was let in nowhere has the ticks of AWS, and his own attempts', () => {
  const out: Evidence = { ...watched, ticks: watched.ticks.map(({ t }) => ({ t, signals: {} })) }
  const seen = cloud(1_000, T0 - 60_000, () => ({ aas: 9 }), 80)
  const both = together(out, seen)
  expect(both.ticks).toEqual(seen.ticks)
  expect(both.probes).toEqual(watched.probes)
  expect(both.target).toMatchObject({ name: 'test', instanceClass: 'db.r6g.xlarge' })
})

test('of times that do not meet nothing is said', () => {
  expect(
    together(
      watched,
      cloud(1_000, T0 - 60_000, () => ({ aas: 9 }), 20),
    ).events,
  ).toEqual([])
})
