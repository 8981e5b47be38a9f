import { expect, test } from 'vitest'
import { exponentialGapMs, integerBetween, seededRandom } from './random.ts'

const draw = (n: number, next: () => number): number[] => Array.from({ length: n }, next)

test('a seed repeats its numbers and another seed does not', () => {
  expect(draw(100, seededRandom(7))).toEqual(draw(100, seededRandom(7)))
  expect(draw(100, seededRandom(7))).not.toEqual(draw(100, seededRandom(8)))
})

test('numbers are uniform in [0, 1)', () => {
  const numbers = draw(20_000, seededRandom(1))
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...numbers)).toBeLessThan(1)
  const tenths = numbers.reduce<number[]>((counts, n) => {
    counts[Math.floor(n * 10)]!++
    return counts
  }, Array(10).fill(0))
  for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(200)
})

test('gaps have the mean and the spread of a Poisson process', () => {
  const random = seededRandom(2)
  const gaps = draw(20_000, () => exponentialGapMs(random, 40))
  const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length
  const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length)
  expect(Math.abs(mean - 25)).toBeLessThan(1)
  expect(Math.abs(deviation - 25)).toBeLessThan(1.5)
})

test('integers reach both ends and nothing beyond', () => {
  const random = seededRandom(3)
  expect(new Set(draw(1000, () => integerBetween(random, 2, 5)))).toEqual(new Set([2, 3, 4, 5]))
})
