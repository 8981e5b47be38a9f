import { expect, test } from 'vitest'
import { generator, shuffled } from './shuffle.ts'

test('an order has every number once, and the same seed gives the same order', () => {
  const order = shuffled(200, generator(7))
  expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i))
  expect(shuffled(200, generator(7))).toEqual(order)
  expect(shuffled(200, generator(8))).not.toEqual(order)
})

test('numbers are spread evenly over [0, 1)', () => {
  const random = generator(1)
  const tenths = new Array<number>(10).fill(0)
  for (let i = 0; i < 10_000; i++) tenths[Math.floor(random() * 10)]!++
  for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150)
})
