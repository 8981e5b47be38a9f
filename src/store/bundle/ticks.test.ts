import { expect, test } from 'vitest'
import { fillGaps, joinTicks } from './ticks.ts'

test('a tick may stand in one list or in both', () => {
  const joined = joinTicks(
    [
      { t: 1, signals: { aas: 1 } },
      { t: 3, signals: { aas: 3 } },
    ],
    [
      { t: 0, sessions: [] },
      { t: 1, sessions: [] },
      { t: 2, idle: [] },
      { t: 4, sessions: [] },
    ],
  )
  expect(joined).toEqual([
    { t: 0, signals: {}, sessions: [] },
    { t: 1, signals: { aas: 1 }, sessions: [] },
    { t: 2, signals: {}, idle: [] },
    { t: 3, signals: { aas: 3 } },
    { t: 4, signals: {}, sessions: [] },
  ])
})

const times = (seen: number[], from: number, to: number) =>
  fillGaps(
    seen.map(t => ({ t, signals: { aas: 1 } })),
    { from, to },
    10,
  ).map(({ t, signals }) => (signals.aas === undefined ? -t : t))

test('missing ticks are gaps, at the ends too', () => {
  expect(times([20, 50], 10, 80)).toEqual([-10, 20, -30, -40, 50, -60, -70])
})

test('a tick that comes late by less than a tick leaves no gap', () => {
  expect(times([0, 13, 29, 31], 0, 41)).toEqual([0, 13, 29, 31])
})

test('filling again changes nothing', () => {
  const once = fillGaps([{ t: 17, signals: {} }], { from: 0, to: 55 }, 10)
  expect(fillGaps(once, { from: 0, to: 55 }, 10)).toEqual(once)
})
