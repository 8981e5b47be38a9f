import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startArrivals } from './arrivals.ts'
import { seededRandom } from './random.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const counting = (perS: () => number) => {
  let arrived = 0
  const stop = startArrivals(perS, seededRandom(1), () => arrived++)
  return {
    stop,
    during: (ms: number) => {
      const before = arrived
      vi.advanceTimersByTime(ms)
      return arrived - before
    },
  }
}

test('as many as the rate says, and none once it is stopped', () => {
  const { during, stop } = counting(() => 50)
  // 1000 expected, with a deviation of 32.
  expect(Math.abs(during(20_000) - 1000)).toBeLessThan(130)
  stop()
  expect(during(10_000)).toBe(0)
})

test('a rate that rises is followed at once, however long the quiet was meant to last', () => {
  let rate = 0.001
  const { during } = counting(() => rate)
  expect(during(1000)).toBe(0)
  rate = 100
  expect(during(1000)).toBeGreaterThan(50)
})
