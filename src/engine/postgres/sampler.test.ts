import { expect, test } from 'vitest'
import { AppError } from '../../model/index.ts'
import type { Facts } from './facts.ts'
import { type Ask, Names } from './names.ts'
import { Sampler } from './sampler.ts'

const facts: Facts = {
  ...{ version: 160_000, database: '5', standby: true, startedAt: '', sameHost: false },
  target: { name: 'reader', engine: 'postgres' },
  limits: { maxConnections: 100, reserved: {} },
  ...{ seesAll: true, hasReservedSlot: false },
}
const header = { at: 1e15, sessions: 1, pids: null, changed: 0, counters: null, lag: null, pid: null }

test('a reader that refuses to tell its lag is sampled without it, and asked once only', async () => {
  let refusals = 0
  const ask = (async (sql: string) => {
    if (!sql.includes('pg_last_wal_receive_lsn')) return sql.includes('idset') ? [header] : []
    refusals++
    const cause = Object.assign(new Error('not supported for Aurora'), { code: '0A000' })
    throw new AppError('no-answer', cause.message, 'none', cause)
  }) as Ask
  const sampler = new Sampler(facts, new Names(), false)
  for (let n = 0; n < 3; n++) {
    const { signals } = await sampler.sample(ask)
    expect(signals).not.toHaveProperty('replica_lag_s')
    expect(signals.aas).toBe(0)
  }
  expect(refusals).toBe(1)
})
