// The live source against every PostgreSQL there is here: what it sees of sessions, waits, locks and slots.
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Connection, Sample } from '../../src/model/index.ts'
import {
  AVAILABLE,
  byId,
  clientOf,
  engineOf,
  MAJORS,
  type PostgresServer,
  sampleUntil,
  startPostgres,
} from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

const MAX_CONNECTIONS = 80
const QUEUE = 70

for (const major of MAJORS) {
  describeWith(`PostgreSQL ${major}`, AVAILABLE.has(major), () => {
    let server: PostgresServer
    let watcher: Connection
    let opened: pg.Client[] = []

    const open = async (application = 'web', url = server.superuserUrl()): Promise<Backend> => {
      const client = await clientOf(url, application)
      opened.push(client)
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
      return { client, pid: rows[0]!.pid }
    }

    beforeAll(async () => {
      server = await startPostgres({
        major,
        settings: { max_connections: MAX_CONNECTIONS, deadlock_timeout: '10s', max_prepared_transactions: 1 },
      })
      const admin = await clientOf(server.superuserUrl())
      await admin.query('create table hot (id int primary key, n int); insert into hot values (1, 0), (2, 0)')
      await admin.query('create role limited login connection limit 7')
      await admin.end()
      watcher = await engineOf(server.superuserUrl()).connect()
    })
    afterEach(async () => {
      const ending = opened.map(client => client.end())
      opened = []
      await Promise.all(ending)
    })
    afterAll(async () => {
      await watcher?.close()
      await server?.stop()
    })

    test('facts', () => {
      const { facts } = watcher
      expect(facts.target.engineVersion).toMatch(new RegExp(`^${major}\\.\\d+$`))
      expect(facts).toMatchObject({ seesAll: true, hasReservedSlot: true, sameHost: true })
      expect(facts.target.vcpus).toBeGreaterThan(0)
      expect(facts.limits).toEqual({
        maxConnections: MAX_CONNECTIONS,
        reserved: { superuser_reserved_connections: 3 },
        roleLimits: { limited: 7 },
      })
    })

    test('an active session, its wait and its redacted statement', async () => {
      const { client, pid } = await open('reports')
      const running = client.query("select pg_sleep(20), 'a secret', 4711")
      running.catch(() => undefined)
      const sample = await sampleUntil(watcher, one => byId(one, pid)?.waitEvent === 'PgSleep')
      const session = byId(sample, pid)
      expect(session).toMatchObject({
        state: 'active',
        waitClass: 'Timeout',
        user: 'postgres',
        application: 'reports',
      })
      expect(session).toMatchObject({ host: '127.0.0.1', database: 'postgres' })
      expect(session?.statement).toBe('select pg_sleep(?), ?, …')
      expect(session?.statementId).toMatch(/^(-?\d+|[0-9a-f]{16})$/)
      expect(session?.stateAgeMs).toBeGreaterThanOrEqual(0)
      expect(session?.startedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
      expect(sample.signals).toMatchObject({ aas: 1, aas_timeout: 1, connections: 2, connections_active: 1 })
      expect(sample.signals).toMatchObject({
        max_connections: MAX_CONNECTIONS,
        usable_slots: MAX_CONNECTIONS - 3,
      })
      await cancel(pid)
    })

    test('a row lock: the head idles in transaction, the others queue behind it', async () => {
      const head = await open('head')
      await head.client.query('begin; update hot set n = n + 1 where id = 1')
      const first = await open()
      const waits = [first.client.query('update hot set n = n + 1 where id = 1')]
      await sampleUntil(watcher, one => byId(one, first.pid)?.lock !== undefined)
      const second = await open()
      waits.push(second.client.query('update hot set n = n + 1 where id = 1'))
      const sample = await sampleUntil(watcher, one => byId(one, second.pid)?.lock !== undefined)

      expect(byId(sample, head.pid)).toMatchObject({ state: 'idle in transaction' })
      expect(byId(sample, head.pid)?.waitClass).toBeUndefined()
      expect(byId(sample, head.pid)?.blockedBy).toBeUndefined()
      expect(byId(sample, head.pid)?.transactionAgeMs).toBeGreaterThan(0)
      const row = { state: 'active', waitClass: 'Lock', lock: { kind: 'row', object: 'hot' } }
      expect(byId(sample, first.pid)).toMatchObject({ ...row, blockedBy: [String(head.pid)] })
      expect(byId(sample, second.pid)).toMatchObject({ ...row, blockedBy: [String(first.pid)] })
      expect(sample.signals).toMatchObject({
        lock_waiters: 2,
        aas_lock: 2,
        connections_idle_in_transaction: 1,
      })
      await head.client.query('rollback')
      await Promise.all(waits)
    })

    test('an advisory lock names its key', async () => {
      const holder = await open()
      await holder.client.query('select pg_advisory_lock(-42), pg_advisory_lock(7, 8)')
      const [one, two] = [await open(), await open()]
      const waits = [
        one.client.query('select pg_advisory_lock(-42)'),
        two.client.query('select pg_advisory_lock(7, 8)'),
      ]
      const sample = await sampleUntil(watcher, seen => [one, two].every(({ pid }) => byId(seen, pid)?.lock))
      expect(byId(sample, one.pid)).toMatchObject({ lock: { kind: 'advisory', object: '-42' } })
      expect(byId(sample, two.pid)).toMatchObject({ lock: { kind: 'advisory', object: '7, 8' } })
      expect(byId(sample, two.pid)?.blockedBy).toEqual([String(holder.pid)])
      await holder.client.query('select pg_advisory_unlock_all()')
      await Promise.all(waits)
    })

    test('a DDL queue: readers behind a waiting ALTER TABLE', async () => {
      const reader = await open()
      await reader.client.query('begin; select * from hot')
      const ddl = await open()
      const waits = [ddl.client.query('alter table hot add column if not exists note text')]
      await sampleUntil(watcher, seen => byId(seen, ddl.pid)?.lock !== undefined)
      const late = await open()
      waits.push(late.client.query('select count(*) from hot'))
      const sample = await sampleUntil(watcher, seen => byId(seen, late.pid)?.lock !== undefined)
      expect(byId(sample, ddl.pid)).toMatchObject({
        blockedBy: [String(reader.pid)],
        lock: { kind: 'relation', object: 'hot', exclusive: true },
      })
      expect(byId(sample, late.pid)).toMatchObject({
        blockedBy: [String(ddl.pid)],
        lock: { kind: 'relation', object: 'hot', exclusive: false },
      })
      await reader.client.query('commit')
      await Promise.all(waits)
    })

    test('a prepared transaction has no session and still blocks', async () => {
      const one = await open()
      await one.client.query(
        "begin; update hot set n = n + 1 where id = 2; prepare transaction 'left behind'",
      )
      const two = await open()
      const wait = two.client.query('update hot set n = n + 1 where id = 2')
      const sample = await sampleUntil(watcher, seen => byId(seen, two.pid)?.lock !== undefined)
      expect(byId(sample, two.pid)?.blockedBy).toEqual(['prepared transaction'])
      await one.client.query("rollback prepared 'left behind'")
      await wait
    })

    test('a long queue has a blocker for everyone', async () => {
      const holder = await open()
      await holder.client.query('select pg_advisory_lock(1)')
      const queue = await Promise.all(Array.from({ length: QUEUE }, () => open()))
      const waits = queue.map(({ client }) => client.query('select pg_advisory_lock_shared(1)'))
      // Who has just come may be without until the next reading of the lock table.
      const isComplete = (seen: Sample) => queue.every(({ pid }) => byId(seen, pid)?.blockedBy)
      const sample = await sampleUntil(watcher, isComplete)
      expect(sample.signals.lock_waiters).toBe(QUEUE)
      for (const { pid } of queue) expect(byId(sample, pid)?.blockedBy).toEqual([String(holder.pid)])
      await holder.client.query('select pg_advisory_unlock_all()')
      await Promise.all(waits)
    })

    test('idle sessions come grouped, aborted transactions one by one, Spillway not at all', async () => {
      await Promise.all([open('web'), open('web'), open('web'), open('jobs')])
      const broken = await open('broken')
      await broken.client.query('begin; select 1/0').catch(() => undefined)
      const second = await engineOf(server.superuserUrl()).connect()
      const sample = await watcher.sample()
      await second.close()
      const groups = Object.fromEntries(sample.idle.map(group => [group.application, group.count]))
      expect(groups).toEqual({ web: 3, jobs: 1 })
      expect(sample.sessions.map(({ id, state }) => [id, state])).toEqual([
        [String(broken.pid), 'idle in transaction (aborted)'],
      ])
      expect(sample.signals).toMatchObject({ connections: 7, connections_idle: 4, aas: 0 })
    })

    test('a locked catalog does not stop the sample', async () => {
      const migration = await open()
      await watcher.sample()
      await migration.client.query('begin; lock table pg_catalog.pg_database, pg_catalog.pg_authid')
      const start = performance.now()
      const sample = await watcher.sample()
      expect(performance.now() - start).toBeLessThan(100)
      expect(byId(sample, migration.pid)).toMatchObject({ state: 'idle in transaction', user: 'postgres' })
      await migration.client.query('rollback')
    })

    test('rates of what was committed and changed', async () => {
      const writer = await open()
      await watcher.sample()
      await writer.client.query('insert into hot select i, 0 from generate_series(100, 1099) i')
      await writer.client.query('delete from hot where id >= 100')
      let [inserted, deleted, commits] = [0, 0, 0]
      // Backends report about once a second, each table's counters in their own time.
      for (let i = 0; i < 40 && !(inserted > 0 && deleted > 0 && commits > 0); i++) {
        await writer.client.query('select pg_sleep(0.11)')
        const { signals } = await watcher.sample()
        inserted += signals.rows_inserted_per_s ?? 0
        deleted += signals.rows_deleted_per_s ?? 0
        commits += signals.commits_per_s ?? 0
      }
      expect(inserted).toBeGreaterThan(0)
      expect(deleted).toBeGreaterThan(0)
      expect(commits).toBeGreaterThan(0)
    })

    test('ends the chosen session and no other', async () => {
      const victim = await open('victim')
      await victim.client.query('begin; select 1')
      const chosen = byId(await watcher.sample(), victim.pid)!
      const session = { id: chosen.id, startedAt: chosen.startedAt!, state: chosen.state }
      const act = (changed: object) =>
        watcher.act({ kind: 'end-session', session: { ...session, ...changed } })

      expect((await act({ startedAt: '2020-01-01T00:00:00.000000Z' })).status).toBe('gone')
      expect((await act({ state: 'active' })).status).toBe('refused')
      expect(byId(await watcher.sample(), victim.pid)?.state).toBe('idle in transaction')
      expect(await act({})).toMatchObject({ status: 'done', done: true })
      await sampleUntil(watcher, one => byId(one, victim.pid) === undefined)
      expect(await act({})).toMatchObject({ status: 'gone', done: false })
    })

    test('probe', async () => {
      const probe = await engineOf(server.superuserUrl()).probe()
      expect(probe).toMatchObject({ ok: true })
      expect(Object.keys(probe.phaseMs)).toEqual(['resolve', 'connect', 'tls', 'authenticate', 'query'])
    })

    test('doctor', async () => {
      const checks = Object.fromEntries((await watcher.examine()).map(check => [check.name, check.ok]))
      expect(checks).toMatchObject({
        version: true,
        'see-all-sessions': true,
        tls: true,
        track_activities: true,
      })
      expect(checks).toMatchObject({ idle_in_transaction_session_timeout: false, pg_stat_statements: false })
    })

    const cancel = async (pid: number) => {
      const { client } = await open()
      await client.query('select pg_cancel_backend($1)', [pid])
    }
  })
}

interface Backend {
  client: pg.Client
  pid: number
}
