import { expect, test } from 'vitest'
import { type Answers, poolerOf, type Row } from './pool.ts'
import { signsOf } from './sign.ts'

// Columns of 1.18; later ones come in other places and with others between them, which is why they are read by name.
const POOL: Row = {
  database: 'orders',
  user: 'web',
  cl_active: 3,
  cl_waiting: 0,
  sv_active: 3,
  sv_idle: 0,
  sv_used: 0,
  sv_tested: 0,
  sv_login: 0,
  maxwait: 0,
  maxwait_us: 0,
  pool_mode: 'transaction',
}
const DATABASE: Row = {
  name: 'orders',
  pool_size: 3,
  reserve_pool: 0,
  max_connections: 0,
  current_connections: 3,
  paused: 0,
  disabled: 0,
}
const answers = (pool: Row = {}, database: Row = {}, used = 10): Answers => ({
  pools: [
    { ...POOL, ...pool },
    { ...POOL, database: 'pgbouncer', cl_waiting: 9, maxwait: 9 },
  ],
  lists: [{ list: 'used_clients', items: used }],
  stats: [{ database: 'orders', total_wait_time: '2500000' }],
  config: [
    { key: 'max_client_conn', value: '100' },
    { key: 'query_wait_timeout', value: '120' },
  ],
  databases: [{ ...DATABASE, ...database }],
})
const kinds = (...given: Parameters<typeof answers>) =>
  signsOf(poolerOf(answers(...given))).map(({ kind }) => kind)
const QUEUE = { cl_waiting: 7, maxwait: 2, maxwait_us: 500_000 }

test('calm', () => {
  expect(kinds()).toEqual([])
  expect(poolerOf(answers())).toMatchObject({
    clients: { used: 10, max: 100 },
    waitMsTotal: 2_500,
    waitTimeoutMs: 120_000,
  })
})

test.each([
  ['pool-exhausted', QUEUE, {}, 10],
  ['server-refuses', { ...QUEUE, sv_active: 1 }, {}, 10],
  ['server-refuses', { ...QUEUE, sv_active: 2, sv_login: 1 }, {}, 10],
  ['database-limit', { ...QUEUE, sv_active: 1 }, { max_connections: 3 }, 10],
  ['paused', QUEUE, { paused: 1 }, 10],
  ['disabled', {}, { disabled: 1 }, 10],
  ['clients-at-limit', {}, {}, 100],
] as const)('%s', (kind, pool, database, used) => {
  expect(kinds(pool, database, used)).toEqual([kind])
})

test('waiting for its turn is no sign', () => {
  expect(kinds({ cl_waiting: 7, maxwait: 0, maxwait_us: 20_000 })).toEqual([])
})

test('the names of later releases', () => {
  const later = { reserve_pool: undefined, reserve_pool_size: '5', max_connections: '0', paused: '0' }
  expect(poolerOf(answers({ cl_active: '4' }, later)).databases.get('orders')).toMatchObject({ reserve: 5 })
})
