import { describe, expect, it } from 'vitest'
import { decadeTicks, linear, logarithmic, timeTicks, valueTicks } from './scale.ts'

it('linear maps the ends to the ends, also upside down, and survives an empty domain', () => {
  const y = linear(0, 40, 150, 0)
  expect([y(0), y(10), y(40)]).toEqual([150, 112.5, 0])
  expect(linear(3, 3, 5, 9)(3)).toBe(5)
})

it('logarithmic gives every decade the same room and draws zero at the bottom', () => {
  const y = logarithmic(1, 100, 100, 0)
  expect([y(1), y(10), y(100), y(0)]).toEqual([100, 50, 0, 100])
})

describe('valueTicks', () => {
  it.each([0, 0.3, 1, 2, 3, 5, 14, 37, 40, 41, 397, 5000])('covers %d with few, whole, even steps', max => {
    const ticks = valueTicks(max)
    const steps = new Set(ticks.slice(1).map((tick, i) => tick - ticks[i]!))
    expect(ticks[0]).toBe(0)
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(max)
    expect(ticks.length).toBeLessThanOrEqual(6)
    expect(steps.size).toBe(1)
    expect(ticks.every(Number.isInteger)).toBe(true)
  })
})

it('decadeTicks spans at least a decade and no less than 0.1', () => {
  expect(decadeTicks(2, 80)).toEqual([1, 10, 100])
  expect(decadeTicks(10, 10)).toEqual([10, 100])
  expect(decadeTicks(0, 0)).toEqual([0.1, 1])
})

describe('timeTicks', () => {
  const start = Date.UTC(2025, 10, 23, 23, 59, 47)

  it.each([1, 46, 300, 3600, 86_400, 7 * 86_400, 400 * 86_400])('%d s: a few round times inside', seconds => {
    const ticks = timeTicks(start, start + seconds * 1000)
    expect(ticks.length).toBeLessThanOrEqual(11)
    expect(ticks.length).toBeGreaterThan(0)
    for (const { t } of ticks) expect(t >= start && t <= start + seconds * 1000).toBe(true)
  })

  it('labels by clock, with the day where there are several', () => {
    expect(timeTicks(start, start + 46_000)[0]?.label).toBe('23:59:50')
    expect(timeTicks(start, start + 3_600_000)[0]?.label).toBe('00:00')
    expect(timeTicks(start, start + 3 * 86_400_000)[0]?.label).toBe('24. 00:00')
    expect(timeTicks(start, start + 30 * 86_400_000)[0]?.label).toMatch(/^\d\d-\d\d$/)
  })

  it('has none for an empty window', () => expect(timeTicks(start, start)).toEqual([]))
})
