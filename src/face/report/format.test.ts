import { describe, expect, it } from 'vitest'
import { amount, clock, duration, moment, percent } from './format.ts'

describe('duration', () => {
  it.each([
    [0, '0 ms'],
    [3.44, '3.4 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [59_600, '1 min'],
    [372_000, '6 min 12 s'],
    [3_599_600, '1 h'],
    [9_000_000, '2 h 30 min'],
    [86_399_999, '1 d'],
    [273_600_000, '3 d 4 h'],
    [Number.NaN, '–'],
  ])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text))
})

describe('amount', () => {
  it.each([
    [0, '0'],
    [0.01, '< 0.1'],
    [1.04, '1'],
    [26.44, '26.4'],
    [99.96, '100'],
    [218.4, '218'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('%d is %s', (n, text) => expect(amount(n)).toBe(text))
})

describe('percent', () => {
  it('rounds neither to nothing nor to all', () => {
    expect([0, 0.001, 0.5, 0.999, 1].map(percent)).toEqual(['0 %', '< 1 %', '50 %', '> 99 %', '100 %'])
  })
})

it('tells times in UTC, and a dash where there is none', () => {
  const t = Date.UTC(2025, 10, 23, 5, 50, 12)
  expect([clock(t), moment(t), clock(Number.NaN), moment(1e20)]).toEqual([
    '05:50:12',
    '2025-11-23 05:50:12 UTC',
    '–',
    '–',
  ])
})
