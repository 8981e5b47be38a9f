import { expect, test } from 'vitest'
import { times } from '../../test/kit/evidence.ts'
import { forSeeds } from '../../test/kit/property.ts'
import { deviation, mean, median, quantile, slopes } from './number.ts'

test('quantiles interpolate between the values', () => {
  expect(quantile([4, 1, 3, 2], 0)).toBe(1)
  expect(quantile([4, 1, 3, 2], 1)).toBe(4)
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
  expect(quantile([10, 20], 0.25)).toBe(12.5)
  expect(quantile([7], 0.9)).toBe(7)
})

test('no values have no middle', () => {
  expect([quantile([], 0.5), median([]), mean([]), deviation([])]).toEqual(times(4, () => Number.NaN))
})

test('quantiles stay within the values, never fall, and leave the values alone', () => {
  forSeeds(200, random => {
    const values = times(1 + Math.floor(random() * 30), () => random() * 100 - 50)
    const before = [...values]
    const found = times(11, i => quantile(values, i / 10))
    expect(values).toEqual(before)
    expect(found[0]).toBe(Math.min(...values))
    expect(found[10]).toBe(Math.max(...values))
    found.reduce((low, high) => {
      expect(high).toBeGreaterThanOrEqual(low - 1e-9)
      return high
    })
  })
})

test('one wild value does not move the middle or the spread', () => {
  const values = times(101, i => i)
  const wild = [...values.slice(0, -1), 1e9]
  expect(median(wild)).toBe(median(values))
  expect(deviation(wild)).toBeCloseTo(deviation(values), 0)
})

test('the spread of a normal distribution is its standard deviation', () => {
  forSeeds(5, random => {
    // Box and Muller 1958.
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    expect(deviation(times(10_000, () => 20 + 3 * normal()))).toBeCloseTo(3, 0)
  })
})

test('all slopes of a line are its slope', () => {
  const found = slopes(times(30, x => ({ x, y: 2.5 * x - 7 })))
  expect(found).toHaveLength((30 * 29) / 2)
  for (const slope of found) expect(slope).toBeCloseTo(2.5, 9)
})

test('points at one moment have no slope', () => {
  expect(slopes([{ x: 1, y: 1 }])).toEqual([])
  expect(slopes(times(3, y => ({ x: 1, y })))).toEqual([])
})

test.each([60, 61, 119, 600, 3601])('%i points are thinned to a bounded number of pairs', n => {
  const points = times(n, x => ({ x, y: x === n - 1 ? 1e6 : 0 }))
  const found = slopes(points)
  expect(found.length).toBeLessThanOrEqual(1770)
  expect(found.length).toBeGreaterThan(300)
  // The newest point says most about what comes next: it is never thinned away.
  expect(Math.max(...found)).toBeGreaterThan(1000)
})
