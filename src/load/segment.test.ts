import { expect, test } from 'vitest'
import { forSeeds } from '../../test/kit/property.ts'
import { rankScores } from './rank.ts'
import { strongestSegment } from './segment.ts'

const gauss = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

/** Some series of noise; those below `moved` stand higher, by as many standard deviations, within [from, to). */
function series(
  random: () => number,
  { length = 100, of = 8, moved = 0, from = 0, to = 0, by = 3 }: Partial<Record<string, number>> = {},
): Float64Array[] {
  return Array.from(
    { length: of },
    (_, k) =>
      rankScores(
        Array.from(
          { length },
          (_, at) => gauss(random) + (k < moved && at >= from && at < to ? (k % 2 ? -by : by) : 0),
        ),
      )!,
  )
}

test('finds the stretch in which many series differ, to the tick or two', () => {
  forSeeds(20, random => {
    const found = strongestSegment(series(random, { moved: 5, from: 37, to: 61 }))!
    expect(Math.abs(found.from - 37)).toBeLessThanOrEqual(1)
    expect(Math.abs(found.to - 61)).toBeLessThanOrEqual(1)
    expect(found.p).toBe(0.01)
    expect(found.sharpness).toBeGreaterThan(0.6)
  })
})

test('finds it in a day of minutes as exactly', () => {
  forSeeds(3, random => {
    const found = strongestSegment(series(random, { length: 1440, moved: 5, from: 903, to: 977 }), 0.05)!
    expect(Math.abs(found.from - 903)).toBeLessThanOrEqual(2)
    expect(Math.abs(found.to - 977)).toBeLessThanOrEqual(2)
    expect(found.p).toBe(0.01)
  })
})

test('a shift that lasts to the end is one side or the other', () => {
  forSeeds(10, random => {
    const { from, to } = strongestSegment(series(random, { moved: 4, from: 70, to: 100 }))!
    const edge = from === 0 ? to : from
    expect(Math.abs(edge - 70)).toBeLessThanOrEqual(1)
    expect([from, to]).toContain(from === 0 ? 0 : 100)
  })
})

test('noise is by chance: p is no smaller than it says', () => {
  let [small, all] = [0, 0]
  forSeeds(60, random => {
    if (strongestSegment(series(random, { length: 60 }))!.p <= 0.05) small++
    all++
  })
  expect(small / all).toBeLessThanOrEqual(0.12)
})

test('a step comes at one stroke, a wave does not', () => {
  const wave = Array.from(
    { length: 5 },
    (_, k) =>
      rankScores(Array.from({ length: 240 }, (_, at) => Math.sin((2 * Math.PI * at) / 240 + k / 50)))!,
  )
  expect(strongestSegment(wave)!.sharpness).toBeLessThan(0.45)
})

test('too short, or nothing that moves: nothing', () => {
  expect(strongestSegment([])).toBeUndefined()
  expect(strongestSegment([rankScores([1, 2, 3, 4, 5])!])).toBeUndefined()
})
