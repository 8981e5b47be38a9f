import { expect, test } from 'vitest'
import { times } from '../../test/kit/evidence.ts'
import { forSeeds } from '../../test/kit/property.ts'
import type { TimeToExhaustion } from '../model/index.ts'
import { growthPerSecond, timeToExhaustion } from './exhaustion.ts'
import type { Point } from './number.ts'

const levels = (n: number, at: (second: number) => number): Point[] => times(n, x => ({ x, y: at(x) }))
const seconds = (found: TimeToExhaustion | undefined) => {
  if (found === undefined || found === 'never') throw new Error(`not a time: ${found}`)
  return found
}

test('a linear fill reaches the ceiling when the line does', () => {
  // 10 + 1.5 · 19 = 38.5 slots now, 61.5 to go.
  const { p10, p50, p90 } = seconds(
    timeToExhaustion(
      levels(20, x => 10 + 1.5 * x),
      100,
    ),
  )
  expect([p10, p50, p90]).toEqual([41, 41, 41].map(x => expect.closeTo(x, 6)))
})

test('whole slots of a fractional growth still give the time, and the bounds miss it by their rounding at most', () => {
  forSeeds(50, random => {
    const rate = 0.4 + 3 * random()
    const level = levels(20, x => Math.floor(5 + rate * x))
    const left = (200 - level.at(-1)!.y) / rate
    // A slot more or less at either end of the 19 seconds that were seen.
    const rounding = 1 + 2 / (19 * rate)
    const { p10, p50, p90 } = seconds(timeToExhaustion(level, 200))
    expect(p50 / left).toBeGreaterThan(0.85)
    expect(p50 / left).toBeLessThan(1.15)
    expect(p10).toBeLessThanOrEqual(left * rounding)
    expect(p90).toBeGreaterThanOrEqual(left / rounding)
  })
})

test('a leak under noise keeps its slope, and the bounds hold the truth', () => {
  forSeeds(100, random => {
    const level = levels(60, x => Math.round(20 + 0.8 * x + 3 * (random() - 0.5)))
    const { p10, p50, p90 } = seconds(timeToExhaustion(level, 120))
    const truth = (120 - level.at(-1)!.y) / 0.8
    expect(p50 / truth).toBeGreaterThan(0.75)
    expect(p50 / truth).toBeLessThan(1.35)
    expect(p10).toBeLessThan(truth)
    expect(p90).toBeGreaterThan(truth)
  })
})

test('the bounds are in order and finite', () => {
  forSeeds(300, random => {
    const rate = random() * 4 - 1
    const found = timeToExhaustion(
      levels(20, x => Math.max(0, 30 + rate * x + 8 * random())),
      150,
    )
    if (found === undefined || found === 'never') return
    expect(found.p10).toBeGreaterThanOrEqual(0)
    expect(found.p10).toBeLessThanOrEqual(found.p50)
    expect(found.p50).toBeLessThanOrEqual(found.p90)
    expect(found.p90).toBeLessThanOrEqual(1e6)
  })
})

test.each([
  ['stands', () => 30],
  ['falls', (x: number) => 60 - 2 * x],
  ['wobbles around a level', (x: number) => 30 + (x % 2)],
  ['settles below the ceiling', (x: number) => 60 - 40 * Math.exp(-x / 3)],
  ['jumped once and stands', (x: number) => (x < 8 ? 10 : 60)],
])('a level that %s never gets there', (_, at) => {
  expect(timeToExhaustion(levels(20, at), 100)).toBe('never')
})

test('the growth of long ago is not the growth of now', () => {
  const stopped = levels(120, x => Math.min(10 + x, 70))
  expect(timeToExhaustion(stopped, 100)).toBe('never')
  const begun = levels(120, x => Math.max(10, 10 + 2 * (x - 100)))
  expect(seconds(timeToExhaustion(begun, 100)).p50).toBeCloseTo((100 - 48) / 2, 0)
})

test('a rise that has just begun is forecast by itself, and not by the peace before it', () => {
  const begun = levels(18, x => (x < 15 ? 12 + (x % 2) : 12 + 5 * (x - 14)))
  expect(seconds(timeToExhaustion(begun, 37)).p50).toBeCloseTo((37 - 27) / 5, 0)
})

test.each([100, 103])('at %i of 100 it is now', y => {
  expect(
    timeToExhaustion(
      levels(10, x => (x < 9 ? 90 + x : y)),
      100,
    ),
  ).toEqual({ p10: 0, p50: 0, p90: 0 })
})

test.each([0, 1, 2, 3])('%i points say nothing', n => {
  expect(
    timeToExhaustion(
      levels(n, x => 10 + x),
      100,
    ),
  ).toBeUndefined()
})

test('growth is measured from the lowest level to the ceiling, not along it', () => {
  const pileUp = levels(40, x => Math.min(37, Math.max(12, 12 + 2.5 * (x - 10))))
  expect(growthPerSecond(pileUp, 37)).toBeCloseTo(2.5, 9)
})

test('growth below the ceiling is measured to the last point', () => {
  expect(
    growthPerSecond(
      levels(11, x => 5 + 0.5 * x),
      100,
    ),
  ).toBeCloseTo(0.5, 9)
})

test.each([
  ['no point', []],
  ['one point', levels(1, () => 5)],
  ['a level that stands', levels(10, () => 5)],
  ['a level that falls', levels(10, x => 20 - x)],
  ['a level that was full from the start', levels(10, () => 40)],
])('%s has no growth', (_, level) => {
  expect(growthPerSecond(level, 40)).toBeUndefined()
})
