import { describe, expect, it } from 'vitest'
import { type PlacedLabel, place } from './marks.ts'

const span = (l: PlacedLabel): [number, number] => (l.flipped ? [l.x - l.width, l.x] : [l.x, l.x + l.width])
const collide = (a: PlacedLabel, b: PlacedLabel): boolean =>
  a.lane === b.lane && span(a)[0] < span(b)[1] && span(b)[0] < span(a)[1]

describe('place', () => {
  it('puts labels with room in one lane', () => {
    expect(
      place([
        { x: 0, width: 10 },
        { x: 40, width: 10 },
        { x: 80, width: 10 },
      ]).map(l => l.lane),
    ).toEqual([0, 0, 0])
  })

  it('lets the earlier of two close labels lie higher, so that its line passes left of the later one', () => {
    expect(
      place([
        { x: 20, width: 15 },
        { x: 21, width: 15 },
      ]).map(l => l.lane),
    ).toEqual([1, 0])
  })

  it('turns a label round that would hang over the right edge', () => {
    expect(place([{ x: 95, width: 20 }])[0]).toMatchObject({ flipped: true, lane: 0 })
  })

  it('never lets two labels collide, wherever they stand', () => {
    for (let step = 0; step <= 30; step++) {
      const labels = place(
        Array.from({ length: 6 }, (_, i) => ({ x: Math.min(100, 40 + i * step), width: 18 + i })),
      )
      const pairs = labels.flatMap((a, i) => labels.slice(i + 1).map(b => [a, b] as const))
      expect(pairs.filter(([a, b]) => collide(a, b))).toEqual([])
      expect(labels.every(l => span(l)[0] >= 0 && span(l)[1] <= 100)).toBe(true)
    }
  })
})
