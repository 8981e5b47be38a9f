import { expect, test } from 'vitest'
import { evidence, session, times } from '../../test/kit/evidence.ts'
import { forSeeds, randomTick, seededRandom } from '../../test/kit/property.ts'
import type { SessionSample, Tick } from '../model/index.ts'
import { load } from './aas.ts'
import { median } from './number.ts'
import { calibrate, reconcile } from './reconcile.ts'

const SECONDS = 60

/** A minute of samples and clock. */
const minute = (
  seen: (second: number) => number,
  clock: (second: number) => number,
  more: Partial<SessionSample> = {},
): Tick[] =>
  evidence(SECONDS, second => ({
    sessions: times(seen(second), i => session(`${i}`, more)),
    signals: { aas_exact: clock(second) },
  })).ticks

/** How many of eight are active when each is for half of the time. */
const someOf = (random: () => number, sessions = 8, busy = 0.5): number =>
  times(sessions, () => random()).filter(chance => chance < busy).length

test('without a clock, or with too few ticks that have it, there is nothing to reconcile', () => {
  const { ticks } = evidence(SECONDS, () => ({ sessions: [session('1')] }))
  expect(reconcile(ticks)).toBeUndefined()
  expect(
    reconcile(
      minute(
        () => 1,
        () => 1,
      ).slice(0, 4),
    ),
  ).toBeUndefined()
  expect(reconcile([])).toBeUndefined()
  const half = ticks.map((tick, i) => (i < 10 ? { ...tick, signals: { aas_exact: 1 } } : tick))
  expect(reconcile(half)).toBeUndefined()
})

test('where both agree, the noise of the samples goes', () => {
  const errors = { sampled: [] as number[], reconciled: [] as number[] }
  forSeeds(60, random => {
    const ticks = minute(
      () => someOf(random),
      () => 4 + (random() - 0.5) / 2,
    )
    const { aas, exact } = reconcile(ticks)!
    errors.sampled.push(Math.abs(exact.sampled - 4))
    errors.reconciled.push(Math.abs(aas - 4))
  })
  // The median: once in 400 times chance puts them at odds.
  expect(median(errors.reconciled)).toBeLessThan(median(errors.sampled) / 3)
})

test('statements so short that the sampler never meets them: the clock is right', () => {
  const ticks = minute(
    () => 0,
    () => 0.4,
  )
  const { aas, exact } = reconcile(ticks)!
  expect(aas).toBeCloseTo(0.4, 1)
  expect(exact).toMatchObject({ sampled: 0, source: 'clock' })
  expect(exact.errorPct).toBeCloseTo(-100, 1)
  expect(calibrate(ticks, load(ticks).byWaitClass, aas)).toEqual({ CPU: aas })
})

test('statements that the clock does not credit: the samples are right', () => {
  const random = seededRandom(1)
  const { aas, exact } = reconcile(
    minute(
      () => someOf(random),
      () => 0.01,
    ),
  )!
  expect(exact.source).toBe('samples')
  expect(aas).toBe(exact.sampled)
  expect(exact.errorPct).toBe(0)
})

test('an hour that is handed in at once is not load of this minute', () => {
  const random = seededRandom(2)
  const { aas, exact } = reconcile(
    minute(
      () => someOf(random),
      second => (second === 30 ? 3_600 : 4),
    ),
  )!
  expect(exact).toMatchObject({ source: 'samples', aas: expect.closeTo(63.9, 1) })
  expect(aas).toBeLessThan(5)
})

test('short statements with parameters: their planning is not in the clock, so that it is a floor', () => {
  const more = { statement: 'select n from t where id = $1', stateAgeMs: 0.1 }
  const random = seededRandom(3)
  const sampled = (clock: number, busy: number) =>
    reconcile(
      minute(
        () => someOf(random, 4, busy),
        () => clock,
        more,
      ),
    )!
  const above = sampled(0.38, 0.1)
  expect(above.exact.sampled).toBeGreaterThan(0.38)
  expect(above.aas).toBe(above.exact.sampled)
  const below = sampled(0.38, 0.02)
  expect(below.aas).toBeCloseTo(0.38, 9)
})

test('long statements: the clock credits them late, the samples lose nothing', () => {
  const random = seededRandom(4)
  const ticks = minute(
    second => 20 + (second % 3),
    () => 21 + 40 * (random() - 0.5) + 2,
    { stateAgeMs: 20_000, waitClass: 'Lock' },
  )
  const { aas, exact } = reconcile(ticks)!
  expect(exact.sampled).toBe(21)
  expect(Math.abs(aas - 21)).toBeLessThan(0.05)
})

test('gaps count for neither, and a burst counts all its samples', () => {
  const ticks = minute(
    () => 2,
    () => 2,
  ).map((tick, i) => {
    if (i % 4 === 0) return { t: tick.t, signals: { aas_exact: 50 } }
    return i % 2 === 0 ? tick : { ...tick, samples: 10, signals: { aas: 3, aas_exact: 3 } }
  })
  const { exact } = reconcile(ticks)!
  expect(exact.sampled).toBeCloseTo(8 / 3, 9)
  expect(exact.aas).toBeCloseTo(8 / 3, 9)
})

test('calibrated classes add up to the calibrated load, and none is negative', () => {
  forSeeds(300, random => {
    const { ticks } = evidence(8, () => randomTick(random))
    const { aas: sampled, byWaitClass } = load(ticks)
    const aas = sampled * 2 * random() + (random() < 0.2 ? 1 : 0)
    const classes = Object.values(calibrate(ticks, byWaitClass, aas))
    expect(classes.reduce((a, b) => a + b, 0)).toBeCloseTo(aas, 9)
    expect(Math.min(0, ...classes)).toBeGreaterThan(-1e-9)
  })
})

test('what is missing is among the short statements', () => {
  const { ticks } = evidence(10, () => ({
    sessions: [
      session('1', { waitClass: 'Lock', stateAgeMs: 30_000 }),
      session('2', { waitClass: 'IO', stateAgeMs: 2 }),
      session('3', { stateAgeMs: 2 }),
    ],
  }))
  const { byWaitClass } = load(ticks)
  const about = (n: number) => expect.closeTo(n, 9)
  expect(calibrate(ticks, byWaitClass, 4)).toEqual({ Lock: about(1), IO: about(1.5), CPU: about(1.5) })
  expect(calibrate(ticks, byWaitClass, 2)).toEqual({ Lock: about(1), IO: about(0.5), CPU: about(0.5) })
})
