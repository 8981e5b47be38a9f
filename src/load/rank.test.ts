import { expect, test } from 'vitest'
import { forSeeds } from '../../test/kit/property.ts'
import { rankScores, superiority } from './rank.ts'

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0)

test('scores are centred, of unit variance, and keep the order', () => {
  forSeeds(50, random => {
    const values = Array.from({ length: 3 + Math.floor(random() * 60) }, () => Math.floor(random() * 20))
    values.push(100)
    const scores = rankScores(values)!
    expect(sum(scores)).toBeCloseTo(0)
    expect(sum(scores.map(score => score * score)) / values.length).toBeCloseTo(1)
    for (let i = 1; i < values.length; i++)
      expect(Math.sign(scores[i]! - scores[i - 1]!)).toBe(Math.sign(values[i]! - values[i - 1]!))
  })
})

test('any unit and any growing scale gives the same scores', () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6]
  expect(rankScores(values.map(value => 1e6 * Math.exp(value)))).toEqual(rankScores(values))
})

test('a gap says nothing, and a series that never changes has no scores', () => {
  const scores = rankScores([1, Number.NaN, 2, Number.NaN, 3])!
  expect([scores[1], scores[3], scores[2]]).toEqual([0, 0, 0])
  expect(rankScores([5, 5, Number.NaN, 5])).toBeUndefined()
  expect(rankScores([])).toBeUndefined()
})

test('superiority is the share of pairs in which the second is larger, ties by half', () => {
  forSeeds(50, random => {
    const draw = () =>
      Float64Array.from({ length: 1 + Math.floor(random() * 20) }, () => Math.floor(random() * 10)).sort()
    const [a, b] = [draw(), draw()]
    const pairs = [...a].flatMap(x => [...b].map(y => (y > x ? 1 : y === x ? 0.5 : 0)))
    expect(superiority(a, b)).toBeCloseTo(sum(pairs) / pairs.length)
  })
  expect(superiority(new Float64Array(), Float64Array.of(1))).toBeNaN()
})
