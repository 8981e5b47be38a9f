import { beforeEach, describe, expect, test } from 'vitest'
import { Crowd } from './crowd.ts'
import { type ActivityRow, EVER, type Header, maxLooks } from './sample.sql.ts'

const SECOND = 1_000_000
const T0 = 1_800_000_000 * SECOND
const nobody = new Map<number, string>()

const activity = (pid: number, more: Partial<ActivityRow> = {}): ActivityRow => ({
  ...{
    pid,
    type: 'client backend',
    state: 'idle',
    waitType: null,
    waitEvent: null,
    queryId: null,
    query: null,
  },
  ...{ userId: 10, databaseId: 5, application: 'web', host: '10.0.0.1', port: 4_000, leader: null },
  ...{ startedAt: T0, transactionAt: null, statementAt: T0, changedAt: T0 },
  ...more,
})
const active = (pid: number, more: Partial<ActivityRow> = {}): ActivityRow =>
  activity(pid, { state: 'active', query: 'select 1', transactionAt: T0 + SECOND, ...more })

const header = (second: number, sessions: number, more: Partial<Header> = {}): Header => ({
  ...{ at: T0 + second * SECOND, sessions, pids: null, changed: 0, counters: null, lag: null },
  ...more,
})

let crowd: Crowd
const states = () => [...crowd.backends.values()].map(({ pid, state }) => [pid, state])

beforeEach(() => {
  crowd = new Crowd()
  expect(crowd.since).toBe(EVER)
  crowd.take(header(1, 3), [activity(1), active(2), active(3, { state: 'idle in transaction' })], nobody)
})

describe('what was not looked at', () => {
  test('is what it was, and the next sample asks only what is newer', () => {
    expect(crowd.since).toBe('2027-01-15T08:00:01.000000Z')
    expect(crowd.take(header(2, 3), [active(2), active(3, { state: 'idle in transaction' })], nobody)).toBe(
      true,
    )
    expect(states()).toEqual([
      [1, 'idle'],
      [2, 'active'],
      [3, 'idle in transaction'],
    ])
    expect(crowd.recheck).toEqual([])
  })

  test('was in a statement: it ended, and is looked at next time to see how', () => {
    crowd.take(header(2, 3), [active(3, { state: 'idle in transaction' })], nobody)
    expect(states()[1]).toEqual([2, 'idle'])
    expect(crowd.recheck).toEqual([2])
    crowd.take(
      header(3, 3),
      [active(2, { state: 'idle in transaction (aborted)', transactionAt: null })],
      nobody,
    )
    expect(states()[1]).toEqual([2, 'idle in transaction (aborted)'])
    crowd.take(header(4, 3), [], nobody)
    expect(states()[1]).toEqual([2, 'idle in transaction (aborted)'])
  })

  test('is known to wait for a lock: it still runs its statement', () => {
    crowd.take(header(2, 3), [], new Map([[2, 'tuple']]))
    expect(crowd.backends.get(2)).toMatchObject({
      ...{ state: 'active', waitType: 'Lock', waitEvent: 'tuple', statement: 'select ?' },
    })
  })
})

describe('who came and who left', () => {
  test('a count that does not add up', () => {
    expect(crowd.take(header(2, 2), [active(2), active(3)], nobody)).toBe(false)
    expect(crowd.meet([2, 3])).toBe(true)
    expect([...crowd.backends.keys()]).toEqual([2, 3])
  })
  test('one in the place of another, where times are hidden', () => {
    expect(crowd.take(header(2, 3, { pids: 1 + 2 + 4 }), [active(2)], nobody)).toBe(false)
    expect(crowd.meet([1, 2, 4])).toBe(false)
    expect(crowd.recheck).toContain(4)
  })
  test('a pid of another session', () => {
    crowd.take(header(3, 3), [active(2, { startedAt: T0 + 2 * SECOND, query: 'select 2, a' })], nobody)
    expect(crowd.backends.get(2)).toMatchObject({
      openedAt: '2027-01-15T08:00:02.000000Z',
      statement: 'select ?, a',
    })
  })
})

test('text that is not sent again is remembered for the same statement only', () => {
  crowd.take(header(2, 3), [active(2, { query: null })], nobody)
  expect(crowd.backends.get(2)?.statement).toBe('select ?')
  crowd.take(header(3, 3), [active(2, { query: null, statementAt: T0 + SECOND })], nobody)
  expect(crowd.backends.get(2)?.statement).toBe('')
})

test('a session that is being set up is looked at until it is', () => {
  crowd.take(header(2, 4), [active(2), active(3), activity(4, { state: 'starting', userId: null })], nobody)
  expect(crowd.recheck).toEqual([4])
  crowd.take(header(3, 4), [active(2), active(3), activity(4)], nobody)
  expect(crowd.recheck).toEqual([])
})

test('a clock that jumps back makes the next sample read everybody', () => {
  crowd.take(header(-3_600, 3), [active(2), active(3)], nobody)
  expect(crowd.since).toBe(EVER)
  expect(crowd.everybody).toBe(true)
})

test('many that changed are read at once next time, few one by one again', () => {
  crowd.take(header(2, 3, { changed: maxLooks(3) + 1 }), [active(2), active(3)], nobody)
  expect(crowd.everybody).toBe(true)
  expect(crowd.since).not.toBe(EVER)
  crowd.take(header(3, 3, { changed: 2 }), [active(2), active(3)], nobody)
  expect(crowd.everybody).toBe(false)
})

test('5,000 sessions that come, work and leave', () => {
  const all = Array.from({ length: 5_000 }, (_, i) => active(i + 1))
  crowd.forget()
  expect(crowd.take(header(2, 5_000), all, nobody)).toBe(true)
  expect(crowd.take(header(3, 5_000, { changed: 0 }), [], nobody)).toBe(true)
  expect(crowd.recheck).toHaveLength(5_000)
  expect(crowd.everybody).toBe(true)
  expect(crowd.take(header(4, 1), [], nobody)).toBe(false)
  expect(crowd.meet([17])).toBe(true)
  expect(states()).toEqual([[17, 'idle']])
})
