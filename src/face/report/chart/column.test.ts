import { describe, expect, it } from 'vitest'
import type { Series } from '../../../model/index.ts'
import { columns, fold, gaps, stepPath } from './column.ts'

const grid = (n: number) => Array.from({ length: n }, (_, i) => i * 1000)
const one = (...values: (number | null)[]): Series<string>[] => [{ name: 'CPU', values }]
const x = (t: number) => t / 100

describe('columns', () => {
  it('has none for a tick that is a gap, and one for a tick that measured zero', () => {
    const cols = columns({ t: grid(4), tickMs: 1000 }, one(1, null, 0, 2))
    expect(cols.map(c => [c.from, c.to, c.total])).toEqual([
      [0, 1000, 1],
      [2000, 3000, 0],
      [3000, 4000, 2],
    ])
  })

  it('does not stretch over ticks that are missing', () => {
    const cols = columns({ t: [0, 1100, 5000], tickMs: 1000 }, one(1, 1, 1))
    expect(cols.map(c => c.to)).toEqual([1100, 2100, 6000])
  })
})

describe('gaps', () => {
  it('is what no column covers, at the edges too', () => {
    const cols = columns({ t: grid(6), tickMs: 1000 }, one(null, 1, null, null, 1, 1))
    expect(gaps(cols, 0, 9000, 1000)).toEqual([
      { from: 0, to: 1000 },
      { from: 2000, to: 4000 },
      { from: 6000, to: 9000 },
    ])
  })

  it('takes jitter for no gap, and nothing measured for one', () => {
    expect(gaps(columns({ t: [100, 1000], tickMs: 1000 }, one(1, 1)), 0, 2400, 1000)).toEqual([])
    expect(gaps([], 0, 5000, 1000)).toEqual([{ from: 0, to: 5000 }])
  })
})

describe('stepPath', () => {
  it('begins a new shape after a gap: nothing is drawn at zero in between', () => {
    const cols = columns({ t: grid(4), tickMs: 1000 }, one(3, 3, null, 5))
    expect(stepPath(cols, c => 10 - c.total, x, 10)).toBe('M0 10V7H20V10ZM30 10V5H40V10Z')
  })

  it('steps where the level changes', () => {
    const cols = columns({ t: grid(3), tickMs: 1000 }, one(3, 4, 4))
    expect(stepPath(cols, c => 10 - c.total, x, 10)).toBe('M0 10V7H10V6H30V10Z')
  })

  it('is empty without columns', () => expect(stepPath([], () => 0, x, 10)).toBe(''))
})

describe('fold', () => {
  const values = Array.from({ length: 100 }, (_, i) => (i === 57 ? 99 : i % 7))
  const cols = columns({ t: grid(100), tickMs: 1000 }, one(...values))

  it('keeps the peak, the span, and only what was measured', () => {
    const folded = fold(cols, 30)
    expect(folded.length).toBeLessThanOrEqual(30)
    expect(Math.max(...folded.map(c => c.total))).toBe(99)
    expect([folded[0]?.from, folded.at(-1)?.to]).toEqual([0, 100_000])
    expect(folded.every(c => values.includes(c.total))).toBe(true)
  })

  it('leaves alone what fits', () => expect(fold(cols, 100)).toBe(cols))
})
