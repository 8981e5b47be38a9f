import { expect, test } from 'vitest'
import { isStorm } from './churn.ts'

test.each([
  ['four times the usual', 40, 0.2, 9, true],
  ['three times the usual', 27, 0.2, 9, false],
  ['out of nothing, and few', 4, 0.2, 0, false],
  ['out of nothing, and many', 25, 0.2, 0, true],
  ['many, and nobody saw what is usual', 25, 0.2, undefined, true],
  ['a handful of short looks, and nobody saw what is usual', 9, 0.2, undefined, false],
  ['many that stay', 40, 3, 2, false],
])('%s', (_, opened, lifeS, usual, storm) => {
  expect(isStorm({ opened, lifeS }, usual)).toBe(storm)
})
