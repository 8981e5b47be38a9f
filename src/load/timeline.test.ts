import { expect, test } from 'vitest'
import { evidence, idle, session, T0, times, waiter } from '../../test/kit/evidence.ts'
import { forSeeds, randomTick } from '../../test/kit/property.ts'
import { type Mark, slotsUsed } from '../model/index.ts'
import { activeSessions } from './aas.ts'
import { timeline } from './timeline.ts'

test('series of what appears, stacked in their order', () => {
  const { aas, slots } = timeline(
    evidence(2, second => ({
      sessions: [session('1', { waitClass: 'IO' }), ...(second === 1 ? [waiter('2', ['9'])] : [])],
      idle: [idle(3)],
    })),
  )
  expect(aas).toEqual([
    { name: 'IO', values: [1, 1] },
    { name: 'Lock', values: [0, 1] },
  ])
  expect(slots).toEqual([
    { name: 'waiting for a lock', values: [0, 1] },
    { name: 'active', values: [1, 1] },
    { name: 'idle', values: [3, 3] },
    { name: 'other', values: [1, 1] },
  ])
})

test('the axis, the ceilings, the probes and the marks are the evidence’s own', () => {
  const given = evidence(3, () => ({ sessions: [session('1')] }), {
    maxConnections: 50,
    reserved: 5,
    vcpus: 4,
  })
  const marks: Mark[] = [{ t: T0 + 1000, kind: 'fault', label: 'x' }]
  expect(timeline(given, marks)).toMatchObject({
    from: T0,
    to: T0 + 3000,
    tickMs: 1000,
    t: [T0, T0 + 1000, T0 + 2000],
    vcpus: 4,
    usable: 45,
    max: 50,
    probes: given.probes,
    marks,
  })
})

test('what is not known is left out', () => {
  const { limits: _, ...unlimited } = evidence(1, () => ({}))
  const { usable, max, vcpus } = timeline({ ...unlimited, target: { name: 'x', engine: 'postgres' } })
  expect([usable, max, vcpus]).toEqual([undefined, undefined, undefined])
})

test('a gap is null in every series and nothing else is', () => {
  const given = evidence(4, second => ({ gap: second === 2, sessions: [session('1')], idle: [idle(1)] }))
  const { aas, slots } = timeline(given)
  expect(aas.length).toBeGreaterThan(0)
  for (const { values } of [...aas, ...slots])
    expect(values.map(value => value === null)).toEqual([false, false, true, false])
})

test('sessions that are starting hold slots, up to the usable ones', () => {
  const starting = times(5, i => session(`s${i}`, { state: 'starting' }))
  const { slots } = timeline(
    evidence(1, () => ({ sessions: [session('1'), ...starting], signals: { usable_slots: 4 } })),
  )
  expect(slots).toEqual([
    { name: 'active', values: [1] },
    { name: 'other', values: [3] },
  ])
})

test('every series is as long as the axis, and the stacks are as high as what they show', () => {
  forSeeds(200, random => {
    const given = evidence(6, () => (random() < 0.2 ? { gap: true } : randomTick(random)))
    const { t, aas, slots } = timeline(given)
    for (const { values } of [...aas, ...slots]) expect(values).toHaveLength(t.length)
    given.ticks.forEach((tick, i) => {
      const height = (series: { values: (number | null)[] }[]) =>
        series.reduce((sum, { values }) => sum + (values[i] ?? 0), 0)
      expect(height(aas)).toBe(activeSessions(tick) ?? 0)
      expect(height(slots)).toBe(slotsUsed(tick) ?? 0)
    })
  })
})
