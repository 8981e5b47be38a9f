import { expect, test } from 'vitest'
import { type Counters, failureRate, failuresOf, levels, rates } from './counters.ts'

const reading = (at: number, values: Record<string, number> = {}): Counters => ({ Uptime: at, ...values, at })

test('rates are per second, and only of what the server has', () => {
  const before = reading(100, {
    Queries: 10,
    Handler_read_key: 5,
    Innodb_rows_inserted: 0,
    Handler_write: 0,
  })
  const now = reading(102, {
    Queries: 30,
    Handler_read_key: 9,
    Innodb_rows_inserted: 8,
    Handler_write: 900,
  })
  const signals = rates(before, now)
  expect(signals).toMatchObject({ statements_per_s: 10, rows_read_index_per_s: 2, rows_inserted_per_s: 4 })
  expect(signals).not.toHaveProperty('log_fsyncs_per_s')
  expect(signals).not.toHaveProperty('buffer_hit_ratio')
})

test('MariaDB has its rows under other names', () => {
  const signals = rates(reading(0, { Handler_write: 1 }), reading(1, { Handler_write: 4 }))
  expect(signals).toMatchObject({ rows_inserted_per_s: 3, rows_changed_per_s: 3 })
})

test('a commit in two phases counts once', () => {
  const counts = { Handler_commit: 12, Handler_prepare: 8 }
  expect(rates(reading(0, { Handler_commit: 0, Handler_prepare: 0 }), reading(1, counts)).commits_per_s).toBe(
    8,
  )
})

test('no rates at first, after a restart, after FLUSH STATUS', () => {
  expect(rates(undefined, reading(1))).toEqual({})
  expect(rates({ ...reading(100), at: 1 }, { ...reading(3), at: 2 })).toEqual({})
  expect(rates(reading(1, { Questions: 9 }), reading(2, { Questions: 1 }))).toEqual({})
})

test('nothing is said of what was not read', () => {
  expect(rates(reading(0, { Queries: 1 }), reading(1, { Queries: 3, Handler_commit: 5 }))).toEqual({
    statements_per_s: 2,
  })
})

test('failed attempts per second', () => {
  const [before, now] = [reading(0, { Aborted_connects: 1 }), reading(2, { Aborted_connects: 7 })]
  expect(failureRate(before, now)).toEqual({ connections_failed_per_s: 3 })
  expect(failureRate(undefined, now)).toEqual({})
})

test('levels', () => {
  const now = reading(1, { Innodb_page_size: 16_384, Innodb_buffer_pool_pages_total: 10 })
  expect(levels(now)).toEqual({ buffer_size_bytes: 163_840 })
})

test('failures by what the server counts, the unexplained under its own name', () => {
  const before = reading(0, {
    Aborted_connects: 0,
    Connection_errors_max_connections: 5,
    Access_denied_errors: 0,
  })
  const now = reading(1, {
    Aborted_connects: 9,
    Connection_errors_max_connections: 7,
    Access_denied_errors: 3,
  })
  expect(failuresOf(before, now).map(({ failure, count }) => [failure, count])).toEqual([
    ['slots-exhausted', 2],
    ['authentication-failed', 3],
    ['unclassified', 4],
  ])
  expect(failuresOf(undefined, now)).toEqual([])
  expect(failuresOf(now, now)).toEqual([])
})
