// Sampling through PgBouncer in every pool mode: it works, leaves nothing behind, and says that a pooler is between.
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { queryPooled } from '../../src/engine/postgres/pooled.ts'
import { hasPgbouncer, type Pgbouncer, startPgbouncer } from '../../src/lab/postgres/pgbouncer.ts'
import type { Connection, Engine } from '../../src/model/index.ts'
import {
  AVAILABLE,
  byId,
  clientOf,
  engineOf,
  type PostgresServer,
  sampleUntil,
  startPostgres,
} from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

/** `options` is on PgBouncer's list of what it drops in many set-ups; then the settings are lost without a word. */
const WAYS = [
  ['transaction', ''],
  ['transaction', 'options'],
  ['session', ''],
  ['session', 'options'],
  ['statement', ''],
] as const

describeWith('PgBouncer', hasPgbouncer() && AVAILABLE.size > 0, () => {
  let server: PostgresServer
  let admin: pg.Client
  beforeAll(async () => {
    server = await startPostgres({ settings: { max_connections: 20 } })
    admin = await clientOf(server.superuserUrl())
    await admin.query('create role monitor login; grant pg_monitor to monitor; create role web login')
    await admin.query('create table orders (id int primary key); insert into orders values (1)')
    await admin.query('grant all on orders to web')
  })
  afterAll(async () => {
    await admin?.end()
    await server?.stop()
  })

  test('a session of its own is told from a pooled one', async () => {
    const watcher = await engineOf(server.superuserUrl()).connect()
    expect(watcher.facts.target.viaPooler).toBeUndefined()
    expect((await watcher.examine()).map(({ name }) => name)).not.toContain('no-pooler-between')
    await watcher.close()
  })

  for (const [mode, ignored] of WAYS) {
    describeWith(`in ${mode} mode, ignoring ${ignored || 'nothing'}`, true, () => {
      let pooler: Pgbouncer
      let engine: Engine
      let watcher: Connection
      let open: pg.Client[] = []
      const client = async () => {
        const made = await clientOf(server.superuserUrl())
        open.push(made)
        return made
      }

      beforeAll(async () => {
        pooler = await startPgbouncer(server.port, ['monitor'], {
          pool_mode: mode,
          ignore_startup_parameters: ignored,
          default_pool_size: 2,
        })
        engine = engineOf(pooler.url('monitor'))
        watcher = await engine.connect()
      })
      afterEach(async () => {
        await Promise.all(open.map(one => one.end()))
        open = []
      })
      afterAll(async () => {
        await watcher?.close()
        await pooler?.stop()
      })

      test('says so, and where the server is', async () => {
        expect(watcher.facts).toMatchObject({ target: { viaPooler: true }, sameHost: false, seesAll: true })
        const checks = await watcher.examine()
        const check = checks.find(({ name }) => name === 'no-pooler-between')
        expect(check?.fix).toContain(`127.0.0.1:${server.port}`)
      })

      test('sees who waits for whom, and may end the head', async () => {
        const [holder, waiter] = [await client(), await client()]
        await holder.query('begin')
        await holder.query('lock table orders')
        const waiting = waiter.query('select * from orders')
        const sample = await sampleUntil(watcher, ({ signals }) => signals.lock_waiters === 1)
        const [head, blocked] = [byId(sample, pidOf(holder))!, byId(sample, pidOf(waiter))]
        expect(blocked).toMatchObject({ blockedBy: [head.id], lock: { object: 'orders' }, user: 'postgres' })
        const { id, startedAt, state } = head
        const act = watcher.act({ kind: 'end-session', session: { id, startedAt: startedAt!, state } })
        await expect(act).rejects.toMatchObject({ code: 'privilege-missing' })
        await holder.query('commit')
        await waiting
      })

      test('two probes, one held connection', async () => {
        expect(await engine.probe()).toMatchObject({ ok: true })
        expect(await engine.probe()).toMatchObject({ ok: true })
        expect(watcher.closed).toBe(false)
      })

      test('every statement is bounded at the server, and one that fails costs nothing', async () => {
        const one = await clientOf(pooler.url('monitor'))
        open.push(one)
        const ask = (text: string, values: unknown[] = []) =>
          queryPooled(one, { statement_timeout: 50, default_transaction_read_only: 'on' }, { text, values })
        await expect(ask('select pg_sleep($1::float8)', [60])).rejects.toMatchObject({ code: '57014' })
        await expect(ask('create table t ()')).rejects.toMatchObject({ code: '25006' })
        const values = ["it's \\ $2", 7, null, ['a"b', '{c}']]
        const { rows } = await ask(
          'select $1::text as a, $2::int as b, $3::text as c, $4::text[] as d',
          values,
        )
        expect(rows.map(({ a, b, c, d }) => [a, b, c, d])).toEqual([values])
      })

      test('leaves no setting, no statement and no transaction behind', async () => {
        await watcher.sample()
        const busy = `select from pg_stat_activity where usename = 'monitor' and state <> 'idle'`
        await expect.poll(async () => (await admin.query(busy)).rowCount).toBe(0)
        const other = await clientOf(pooler.url('monitor'), 'other')
        open.push(other)
        const left = await other.query(
          `select current_setting('statement_timeout') as t, current_setting('transaction_read_only') as r,
             current_setting('search_path') as p, (select count(*)::int from pg_prepared_statements) as n`,
        )
        expect(left.rows).toEqual([{ t: '0', r: 'off', p: '"$user", public', n: 0 }])
      })
    })
  }
})

const pidOf = (client: pg.Client): number => (client as pg.Client & { processID: number }).processID
