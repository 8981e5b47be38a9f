import { expect, test } from 'vitest'
import { quantile, rate } from './rate.ts'

test.each([
  [8, 10, 0.4902, 0.9433],
  [0, 10, 0, 0.2775],
  [10, 10, 0.7225, 1],
  [1, 2, 0.0945, 0.9055],
])('%i of %i lie between %f and %f', (hits, of, low, high) => {
  const found = rate(Array.from({ length: of }, (_, i) => i < hits))
  expect(found.low).toBeCloseTo(low, 4)
  expect(found.high).toBeCloseTo(high, 4)
})

test('nothing tried leaves everything open', () => {
  expect(rate([])).toEqual({ hits: 0, of: 0, low: 0, high: 1 })
  expect(quantile([], 0.5)).toBeUndefined()
})

test('quantiles by nearest rank', () => {
  expect([0.5, 0.95, 1].map(q => quantile([4, 1, 3, 2], q))).toEqual([2, 4, 4])
})
