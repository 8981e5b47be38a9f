import { expect, test } from 'vitest'
import { type ClockReading, exactAas } from './clock.ts'

const reading = (more: Partial<ClockReading> = {}): ClockReading => ({
  at: 100,
  reset: 0,
  databases: '1,5',
  activeMs: 5_000,
  runningMs: 0,
  ...more,
})

test('what was credited and what the running statements grew by, over the time between', () => {
  expect(exactAas(reading(), reading({ at: 102, activeMs: 8_000, runningMs: 1_000 }))).toBe(2)
  // A statement of 3 s is over, and not yet credited.
  expect(exactAas(reading({ runningMs: 3_000 }), reading({ at: 101 }))).toBe(-3)
})

test('one reading is no rate, and readings of different sums are none', () => {
  expect(exactAas(undefined, reading())).toBeUndefined()
  expect(exactAas(reading(), reading())).toBeUndefined()
  expect(exactAas(reading(), reading({ at: 101, reset: 100.5 }))).toBeUndefined()
  expect(exactAas(reading(), reading({ at: 101, databases: '1,5,9' }))).toBeUndefined()
  expect(exactAas(reading(), reading({ at: 101, activeMs: 10 }))).toBeUndefined()
  expect(exactAas(reading(), reading({ at: 99 }))).toBeUndefined()
})
