import { describe, expect, test } from 'vitest'
import { Roster } from './roster.ts'
import type { RawSession } from './sample.ts'

const session = (id: number, command = 'Sleep', ms = 0): RawSession => ({
  id,
  user: 'app',
  host: 'web',
  db: 'shop',
  command,
  ms,
  isLocal: 0,
  state: null,
  info: null,
})
const working = (id: number) => ({ id, command: 'Query', ms: 0, state: 'executing', info: 'select 1' })
const rosterOf = (sessions: RawSession[], totals = { present: sessions.length, ever: 10 }) => {
  const roster = new Roster()
  roster.take(sessions, totals, 1_000)
  return roster
}

describe('everybody is read again', () => {
  const totals = { present: 2, ever: 10 }
  const roster = rosterOf([session(1), session(2)], totals)
  test.each([
    ['nobody came or went', totals, 0, [working(1)], 2_000, false],
    ['somebody came', { present: 3, ever: 11 }, 0, [], 2_000, true],
    ['one came and another went', { present: 2, ever: 11 }, 0, [], 2_000, true],
    ['the probe came and went', { present: 2, ever: 11 }, 1, [], 2_000, false],
    ['somebody went', { present: 1, ever: 10 }, 0, [], 2_000, true],
    ['a stranger is active', totals, 0, [working(3)], 2_000, true],
    ['the memory is old', totals, 0, [], 7_000, true],
  ])('%s', (_, now, logins, active, at, expected) => {
    expect(roster.isStale(now, logins, active, at)).toBe(expected)
  })

  test('nobody was read yet', () => expect(new Roster().isStale(totals, 0, [], 0)).toBe(true))
  test('somebody says so', () => {
    const forgetful = rosterOf([session(1)])
    forgetful.forget()
    expect(forgetful.isStale({ present: 1, ever: 10 }, 0, [], 1_001)).toBe(true)
  })
})

test('who was active idles from the last time he was seen at work', () => {
  const roster = rosterOf([session(1, 'Sleep', 500), session(2)])
  expect(roster.idleMs('1', 1_000)).toBe(500)
  const [first, second] = roster.present([working(1)], 2_000)
  expect(first).toMatchObject({ command: 'Query', info: 'select 1', user: 'app' })
  expect(second).toMatchObject({ command: 'Sleep' })
  expect(roster.present([], 2_400)[0]).toMatchObject({ command: 'Sleep', info: null, state: null })
  expect(roster.idleMs('1', 3_000)).toBe(600)
  expect(roster.idleMs('2', 3_000)).toBe(2_000)
})

test('who is not asleep and runs no statement stays what he is', () => {
  const roster = rosterOf([session(1, 'Binlog Dump GTID'), session(2, 'Connect'), session(3, 'Query')])
  expect(roster.present([], 1_500).map(({ command }) => command)).toEqual([
    'Binlog Dump GTID',
    'Connect',
    'Sleep',
  ])
})
