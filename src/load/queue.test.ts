import { describe, expect, test } from 'vitest'
import { offeredLoad, sessionsAt } from './queue.ts'

describe('sessions before servers', () => {
  test('of one server are ρ ÷ (1 − ρ)', () => {
    expect(sessionsAt(0.5, 1)).toBeCloseTo(1)
    expect(sessionsAt(0.9, 1)).toBeCloseTo(9)
  })

  test('of two servers at ρ = 0.75 are 2ρ ÷ (1 − ρ²)', () => {
    expect(sessionsAt(1.5, 2)).toBeCloseTo(1.5 / (1 - 0.75 ** 2))
  })

  test('of many servers hardly wait', () => {
    expect(sessionsAt(10, 64)).toBeCloseTo(10, 6)
  })

  test('have no end where there is more work than can be done', () => {
    expect(sessionsAt(2, 2)).toBe(Number.POSITIVE_INFINITY)
    expect(sessionsAt(0, 2)).toBe(0)
    expect(sessionsAt(1, 0)).toBe(Number.POSITIVE_INFINITY)
  })

  test.each([0.3, 0.4, 1.2, 2.5])('of %f servers lie between whole ones', servers => {
    const at = sessionsAt(0.7 * servers, servers)
    expect(at).toBeGreaterThan(0.7 * servers)
    expect(at).toBeLessThan(Number.POSITIVE_INFINITY)
  })

  test.each([1, 2, 3, 16, 96])('the offered load to %i servers is found back', servers => {
    for (const use of [0.05, 0.3, 0.6, 0.9])
      expect(offeredLoad(sessionsAt(use * servers, servers), servers)).toBeCloseTo(use * servers, 6)
  })
})
