import { expect, test } from 'vitest'
import { times } from '../../test/kit/evidence.ts'
import { scalability } from './usl.ts'

const curve = (sigma: number, kappa: number) => (n: number) =>
  (100 * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1))

test('the peak of a curve that was drawn by the law is found back', () => {
  const x = curve(0.02, 0.001)
  const found = scalability(times(60, i => ({ x: i + 1, y: x(i + 1) })))
  expect(found?.peak).toBeCloseTo(Math.sqrt(0.98 / 0.001), 3)
  expect(found?.fit).toBeCloseTo(1, 6)
})

test('one wild sample of a level does not move it', () => {
  const x = curve(0.05, 0.002)
  const points = times(90, i => ({ x: 1 + (i % 30), y: x(1 + (i % 30)) }))
  const wild = points.map((point, i) => (i === 12 ? { ...point, y: 10 * point.y } : point))
  expect(scalability(wild)?.peak).toBeCloseTo(scalability(points)!.peak, 6)
})

test('a server that scales has no peak', () => {
  expect(scalability(times(20, i => ({ x: i + 1, y: 100 * (i + 1) })))?.peak ?? 1e9).toBeGreaterThan(1e3)
})

test('few levels say nothing, nor does a server that did nothing', () => {
  expect(scalability(times(50, i => ({ x: 1 + (i % 4), y: 100 })))).toBeUndefined()
  expect(scalability(times(50, i => ({ x: i, y: 0 })))).toBeUndefined()
})
