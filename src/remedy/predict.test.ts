// The model against what it must be: queues, slots, failures, and what can never be.
import { describe, expect, test } from 'vitest'
import { diagnosis } from '../../test/kit/diagnosis.ts'
import {
  type EvidenceSpec,
  evidence,
  idle,
  refusedProbe,
  session,
  type TickSpec,
  times,
  waiter,
} from '../../test/kit/evidence.ts'
import { forSeeds } from '../../test/kit/property.ts'
import type { Change } from './change.ts'
import { predict } from './predict.ts'
import { scene } from './situation.ts'

type Random = Parameters<Parameters<typeof forSeeds>[1]>[0]

const at = (now: TickSpec, spec: EvidenceSpec = {}, ongoing = true) => {
  const calm: TickSpec = { sessions: [session('2')], idle: [idle(5)], signals: { commits_per_s: 100 } }
  const given = evidence(20, second => (second < 10 ? calm : now), spec)
  const judged = diagnosis(given, 10, [])
  return scene(given, { ...judged, incident: { ...judged.incident!, ongoing } })
}

describe('CPU', () => {
  test('twice the vCPUs take a queue away, and none of a lock queue', () => {
    const cpu = predict(at({ sessions: times(6, i => session(`${i}`)) }), { vcpus: 8 })
    expect(cpu.aas.after).toBeLessThan(4)
    const locks = predict(at({ sessions: times(6, i => waiter(`${i}`, ['9'])) }), { vcpus: 8 })
    expect(locks.aas.after).toBe(6)
  })

  test('below saturation the work offered stays the same', () => {
    // One and a half sessions on two vCPUs are 1.1 of work: on 64 nobody waits.
    const s = at({ sessions: [session('1')], signals: { commits_per_s: 100 } })
    const { aas } = predict(s, { vcpus: 64 })
    expect(aas.after).toBeLessThanOrEqual(1)
    expect(aas.after).toBeGreaterThan(0.7)
  })

  test('more requests than can be done are not served, and take every slot', () => {
    const s = at({ sessions: [session('1')], idle: [idle(10)] }, {}, false)
    const { connectsRecover, slots, failures, saturated } = predict(s, { requests: 4 })
    expect([saturated, connectsRecover, slots.after]).toEqual([true, false, 37])
    expect(failures!.after).toBeGreaterThan(0.2)
  })
})

describe('storage', () => {
  test('twice the operations of a volume that is full take the queue away', () => {
    const s = at({ sessions: times(10, i => session(`${i}`, { waitClass: 'IO' })) })
    expect(predict(s, { storage: 2 }).aas.after).toBeLessThan(1)
    expect(predict(s, { storage: 1 }).aas.after).toBe(10)
    expect(predict(s, { vcpus: 64 }).aas.after).toBe(10)
  })
})

describe('slots', () => {
  const full = { sessions: times(6, i => waiter(`${i}`, ['9'])), idle: [idle(30)], probe: refusedProbe }

  test('that come free let clients in', () => {
    const { failures, connectsRecover } = predict(at(full), {
      slots: { certain: 5, likely: 5 },
      endsGrowth: true,
    })
    expect([failures!.before, failures!.after, connectsRecover]).toEqual([1, 0, true])
  })

  test('that nobody gives back fill a higher ceiling again', () => {
    const grows = evidence(20, second => ({
      idle: [idle(Math.min(36, 2 + 2 * second))],
      ...(second < 17 ? {} : { probe: refusedProbe }),
    }))
    const s = scene(grows, diagnosis(grows, 2, []))
    expect(s.takenPerS).toBeCloseTo(2, 0)
    expect(predict(s, { usable: 77 })).toMatchObject({ slots: { after: 77 }, connectsRecover: false })
    // Or the pools are as large as they get, and everybody is in.
    expect(predict(s, { usable: 77 })).toMatchObject({ slots: { low: s.slots }, failures: { low: 0 } })
    const ends = predict(s, { usable: 77, endsGrowth: true })
    expect(ends).toMatchObject({ slots: { after: 37 }, connectsRecover: true, timeToExhaustion: 'never' })
  })

  test('are not taken again by a queue without end where every pool has a size', () => {
    const s = at({ sessions: times(30, i => session(`${i}`)), idle: [idle(6)], probe: refusedProbe })
    const sized = { slots: { certain: 6, likely: 6 }, endsGrowth: true }
    expect(predict(s, sized).connectsRecover).toBe(false)
    expect(predict(s, { ...sized, bounded: true }).connectsRecover).toBe(true)
  })

  test('of a role at its own limit are another matter', () => {
    const s = at({ ...full, idle: [], probe: { ...refusedProbe, failure: 'role-limit' } })
    expect(predict(s, { usable: 400 }).connectsRecover).toBe(false)
    expect(predict(s, { liftsLimit: true }).connectsRecover).toBe(true)
  })
})

test('nothing known is nothing predicted to be wrong', () => {
  const dark = evidence(5, () => ({ gap: true }))
  const none = predict(scene(dark, diagnosis(dark, 0, [])), {})
  expect(none.aas).toMatchObject({ before: 0, after: 0 })
  expect(Object.values(none.aas).every(Number.isFinite)).toBe(true)
})

const below = (random: Random, n: number) => Math.floor(random() * n)

const anyTick = (random: Random): TickSpec => ({
  sessions: [
    ...times(below(random, 30), i => session(`c${i}`)),
    ...times(below(random, 10), i => session(`i${i}`, { waitClass: 'IO' })),
    ...times(below(random, 30), i => waiter(`l${i}`, ['h'])),
  ],
  idle: [idle(below(random, 60))],
  ...(random() < 0.5 ? { probe: refusedProbe } : {}),
})

/** Each part of a change in half of the cases. */
function anyChange(random: Random): Change {
  const all = {
    vcpus: 1 + below(random, 128),
    storage: 0.1 + 10 * random(),
    requests: 0.1 + 20 * random(),
    away: random(),
    usable: 1 + below(random, 5000),
    endsGrowth: random() < 0.5,
    restores: random() < 0.5,
  }
  return Object.fromEntries(Object.entries(all).filter(() => random() < 0.5))
}

describe('whatever is changed', () => {
  test('a prediction is a number within its bounds, and no more slots are taken than there are', () => {
    forSeeds(300, random => {
      const s = at(anyTick(random), { maxConnections: 200 }, random() < 0.5)
      const { aas, slots, failures, usable, byWaitClass } = predict(s, anyChange(random))
      for (const { after, low = after, high = after } of [aas, slots, failures!]) {
        expect(Number.isFinite(after) && after >= 0).toBe(true)
        expect(low).toBeLessThanOrEqual(after + 1e-9)
        expect(high).toBeGreaterThanOrEqual(after - 1e-9)
      }
      expect(slots.after).toBeLessThanOrEqual(usable!)
      expect(failures!.after).toBeLessThanOrEqual(1)
      const total = Object.values(byWaitClass!).reduce((sum, value) => sum + value, 0)
      expect(total).toBeCloseTo(aas.after, 6)
    })
  })

  test('more vCPUs never mean more load, and a higher ceiling never more failures', () => {
    forSeeds(200, random => {
      const s = at(anyTick(random), { maxConnections: 200 })
      const vcpus = 2 + below(random, 60)
      const [few, many] = [predict(s, { vcpus }), predict(s, { vcpus: 2 * vcpus })]
      expect(many.aas.after).toBeLessThanOrEqual(few.aas.after + 1e-6)
      const [low, high] = [predict(s, { usable: 197 }), predict(s, { usable: 394 })]
      expect(high.failures!.after).toBeLessThanOrEqual(low.failures!.after)
    })
  })
})

describe('slots of sessions that stop working', () => {
  /** In peace 2 work and 6 idle; then twenty seconds of a queue before two vCPUs that takes slot after slot. */
  const surge = evidence(30, second => ({
    sessions: times(second < 10 ? 2 : Math.min(30, 2 + 2 * (second - 9)), i => session(`${i}`)),
    idle: [idle(6)],
    ...(second < 26 ? {} : { probe: refusedProbe }),
  }))
  const found = diagnosis(surge, 10, [])

  test('come free as the pools let go of what they did not have in peace', () => {
    const { aas, slots, failures, connectsRecover } = predict(scene(surge, found), { vcpus: 64 })
    expect(aas.after).toBeLessThan(aas.before)
    expect(slots.before - slots.after).toBeCloseTo(Math.min(aas.before - aas.after, 28), 0)
    expect([failures!.after, connectsRecover]).toEqual([0, true])
  })

  test('are not promised where no peace was seen', () => {
    const { slots } = predict(scene(surge, diagnosis(surge, 0, [])), { vcpus: 64 })
    expect(slots.after).toBe(slots.before)
  })
})

test('what came on top is what the queue is made of, not the cheap requests of every day', () => {
  /** Two slots a second go; in peace 100 requests a second take a tenth of the CPU, `rate` are done when it is full. */
  const surge = (rate: number) =>
    evidence(24, second => ({
      sessions: times(second < 10 ? second % 2 : Math.min(20, 2 * (second - 9)), i => session(`${i}`)),
      idle: [idle(17)],
      signals: { commits_per_s: second < 10 ? 100 : rate },
      ...(second < 19 ? {} : { probe: refusedProbe }),
    }))
  const twice = (rate: number) => {
    const given = surge(rate)
    return predict(scene(given, diagnosis(given, 10, [])), { vcpus: 4 }).aas.after
  }
  // Twenty more that are done are dear ones; a hundred more are cheap.
  expect(twice(120)).toBeGreaterThan(twice(200))
  expect(twice(200)).toBeGreaterThanOrEqual(twice(1000))
})
