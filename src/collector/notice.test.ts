// What the watch says of itself and of the server it is connected to: once.
import { expect, test } from 'vitest'
import { notices } from './notice.ts'

const well = { heldBack: undefined, everyMs: undefined, costMs: 1 }

test('a server that was started at another time is another one, and a second of rounding is not', () => {
  const say = notices()
  const kinds = (t: number, startedAt?: string) => say(t, { ...well, startedAt }).map(({ kind }) => kind)
  expect(kinds(0, '2026-01-01T12:00:00.000Z')).toEqual([])
  expect(kinds(1_000, '2026-01-01T12:00:01.000Z')).toEqual([])
  expect(kinds(2_000)).toEqual([])
  expect(kinds(3_000, '2026-01-01T12:10:00.000Z')).toEqual(['server-restarted'])
  expect(kinds(4_000, '2026-01-01T12:10:00.000Z')).toEqual([])
})
