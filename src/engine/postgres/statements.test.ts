import { expect, test } from 'vitest'
import { type Counted, changes } from './statements.ts'

const counted = (id: string, calls: number, totalMs: number): Counted => ({
  id,
  calls,
  totalMs,
  rows: 2 * calls,
  blocksRead: calls,
})
const before = new Map([counted('1', 10, 100), counted('2', 5, 50)].map(one => [one.id, one]))

test('the first reading is where it begins', () => {
  expect(changes(undefined, [counted('1', 10, 100)])).toEqual([])
})

test('what each did since, most time first; who did nothing is left out', () => {
  expect(changes(before, [counted('1', 11, 101), counted('2', 5, 50), counted('3', 4, 400)])).toEqual([
    counted('3', 4, 400),
    counted('1', 1, 1),
  ])
})

test('after a reset, or evicted and back: all that is there was done since', () => {
  expect(changes(before, [counted('1', 3, 7), counted('2', 6, 8)])).toEqual([
    counted('2', 6, 8),
    counted('1', 3, 7),
  ])
})

test('evicted and not back: nothing is known', () => {
  expect(changes(before, [])).toEqual([])
})
