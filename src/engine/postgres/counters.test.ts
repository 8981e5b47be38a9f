import { expect, test } from 'vitest'
import { type Counters, rates } from './counters.ts'

const zero: Counters = {
  at: 1_000,
  reset: 0,
  commits: 0,
  rollbacks: 0,
  blocks: 0,
  blocksHit: 0,
  returned: 0,
  fetched: 0,
  inserted: 0,
  updated: 0,
  deleted: 0,
  deadlocks: 0,
  opened: 0,
}

test('rates are per second of the server', () => {
  const now = { ...zero, at: 1_002, commits: 10, inserted: 4, updated: 2, deleted: 2, opened: 6 }
  expect(rates(zero, now)).toMatchObject({
    commits_per_s: 5,
    rows_changed_per_s: 4,
    connections_opened_per_s: 3,
  })
})

test('blocks: reads are hits and misses', () => {
  expect(rates(zero, { ...zero, at: 1_001, blocks: 100, blocksHit: 90 })).toMatchObject({
    buffer_reads_per_s: 100,
    buffer_misses_per_s: 10,
    buffer_hit_ratio: 0.9,
  })
  expect(rates(zero, { ...zero, at: 1_001 })).not.toHaveProperty('buffer_hit_ratio')
})

test('no rate without a reading before, after a reset, or over no time', () => {
  const now = { ...zero, at: 1_001, commits: 5 }
  expect(rates(undefined, now)).toEqual({})
  expect(rates(now, { ...zero, at: 1_002 })).toEqual({})
  expect(rates({ ...zero, reset: 900 }, { ...now, reset: 1_000.5 })).toEqual({})
  expect(rates(zero, { ...now, at: 1_000 })).toEqual({})
})

test('before 14 the server does not count the sessions it opened', () => {
  const { opened: _, ...old } = zero
  expect(rates(old, { ...old, at: 1_001 })).not.toHaveProperty('connections_opened_per_s')
})
