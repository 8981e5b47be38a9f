// The live source against every MySQL and MariaDB there is here: what it sees of sessions, waits, locks and slots.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Connection, SessionSample } from '../../src/model/index.ts'
import {
  type Client,
  clientOf,
  endAll,
  engineOf,
  idOf,
  type MysqlServer,
  SERVERS,
  startMysql,
} from '../kit/mysql.ts'
import { sampleUntil } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

const MAX_CONNECTIONS = 80
const QUEUE = 40
/** Connections that stay: the held one and that of the test. */
const OURS = 2

/** MariaDB has its performance schema off unless somebody switches it on; MySQL the other way round. */
const CASES = SERVERS.flatMap(server => [
  { ...server, isOn: true },
  { ...server, isOn: false },
])

const SWITCH_ON = [
  "update performance_schema.setup_instruments set enabled = 'YES' where name like 'wait/lock/metadata%'",
  "update performance_schema.setup_consumers set enabled = 'YES' where name = 'events_statements_current'",
]

for (const { name, isMariaDb, program, isOn } of CASES) {
  describeWith(`${name}, performance_schema=${isOn ? 'ON' : 'OFF'}`, program !== undefined, () => {
    let server: MysqlServer
    let admin: Client
    let watcher: Connection
    let opened: Client[] = []

    const open = async (application = 'web', database = 'app'): Promise<Client> => {
      const client = await clientOf(server.adminUrl(database), application)
      opened.push(client)
      return client
    }
    const find = (sample: { sessions: SessionSample[] }, client: Client) =>
      sample.sessions.find(({ id }) => id === idOf(client))
    const until = (seen: (session: SessionSample) => boolean, ...clients: Client[]) =>
      sampleUntil(watcher, sample =>
        clients.every(client => {
          const session = find(sample, client)
          return session !== undefined && seen(session)
        }),
      )
    const isWaiting = ({ waitClass }: SessionSample) => waitClass === 'Lock'

    beforeAll(async () => {
      const settings = {
        max_connections: MAX_CONNECTIONS,
        performance_schema: isOn ? 'ON' : 'OFF',
        innodb_lock_wait_timeout: 60,
      }
      server = await startMysql(program!, { settings })
      admin = await clientOf(server.adminUrl())
      for (const sql of [
        'create database app',
        'create table app.hot (id int primary key, n int)',
        'insert into app.hot values (1, 0), (2, 0)',
        "create user limited@'%' with max_user_connections 7",
        ...(isMariaDb && isOn ? SWITCH_ON : []),
      ]) {
        await admin.query(sql)
      }
      watcher = await engineOf(server.adminUrl()).connect()
    })
    afterEach(async () => {
      await endAll(admin, opened)
      opened = []
      await sampleUntil(watcher, ({ signals }) => signals.connections === OURS)
    })
    afterAll(async () => {
      await watcher?.close()
      await admin?.end()
      await server?.stop()
    })

    test('facts', () => {
      const { facts } = watcher
      expect(facts.target.engine).toBe(isMariaDb ? 'mariadb' : 'mysql')
      expect(facts.target.engineVersion).toBe(program!.version)
      expect(facts).toMatchObject({ seesAll: true, hasReservedSlot: true, sameHost: true })
      expect(facts.limits).toMatchObject({ maxConnections: MAX_CONNECTIONS, reserved: {} })
    })

    test('an active session, its wait and its redacted statement', async () => {
      const client = await open('reports')
      client.query("select sleep(20), 'a secret', 4711 -- another").catch(() => undefined)
      const sample = await until(({ waitEvent }) => waitEvent === 'User sleep', client)
      const session = find(sample, client)
      expect(session).toMatchObject({ state: 'active', waitClass: 'Timeout', user: 'admin', database: 'app' })
      expect(session?.application).toBe(isOn ? 'reports' : undefined)
      expect(session?.statement).toBe('select sleep(?), ?, …')
      expect(session?.statementId).toMatch(isOn && !isMariaDb ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{16,32}$/)
      expect(session?.stateAgeMs).toBeGreaterThanOrEqual(0)
      expect(sample.signals).toMatchObject({
        aas: 1,
        aas_timeout: 1,
        connections: OURS + 1,
        connections_active: 1,
      })
      const slots = MAX_CONNECTIONS
      expect(sample.signals).toMatchObject({ max_connections: slots, usable_slots: slots })
      expect(sample.limits.roleLimits).toEqual({ limited: 7 })
    })

    test('a row lock: the head idles in transaction, all others stand behind it', async () => {
      const head = await open('head')
      await head.query('begin')
      await head.query('update hot set n = n + 1 where id = 1')
      const queue = await Promise.all(Array.from({ length: QUEUE }, () => open()))
      const waits = queue.map(client => client.query('update hot set n = n + 1 where id = 1'))
      const sample = await until(isWaiting, ...queue)

      expect(find(sample, head)).toMatchObject({ state: 'idle in transaction' })
      expect(find(sample, head)?.blockedBy).toBeUndefined()
      expect(find(sample, head)?.transactionAgeMs).toBeGreaterThanOrEqual(0)
      const seesBlockers = isMariaDb || isOn
      const lock = seesBlockers ? { kind: 'row', object: 'hot' } : { kind: 'row' }
      for (const client of queue) {
        const session = find(sample, client)
        expect(session).toMatchObject({ state: 'active', waitClass: 'Lock', lock })
        expect(session?.blockedBy).toEqual(seesBlockers ? [idOf(head)] : undefined)
      }
      expect(sample.signals).toMatchObject({ lock_waiters: QUEUE, connections_idle_in_transaction: 1 })
      await head.query('rollback')
      await Promise.all(waits)
    })

    test('a chain: the one in the middle waits and blocks', async () => {
      const [head, middle, last] = [await open(), await open(), await open()]
      await head.query('begin')
      await head.query('update hot set n = n + 1 where id = 1')
      await middle.query('begin')
      await middle.query('update hot set n = n + 1 where id = 2')
      const waits = [
        middle.query('update hot set n = n + 1 where id = 1'),
        last.query('update hot set n = n + 1 where id = 2'),
      ]
      const sample = await until(isWaiting, middle, last)
      if (isMariaDb || isOn) {
        expect(find(sample, middle)?.blockedBy).toEqual([idOf(head)])
        expect(find(sample, last)?.blockedBy).toEqual([idOf(middle)])
      }
      await head.query('rollback')
      await waits[0]
      await middle.query('rollback')
      await waits[1]
    })

    test('a DDL queue: readers behind a waiting ALTER TABLE', async () => {
      const [reader, ddl, late] = [await open(), await open(), await open()]
      await reader.query('begin')
      await reader.query('select * from hot')
      const alter = ddl.query('alter table hot add column if_new int, drop column n, add column n int')
      alter.catch(() => undefined)
      await until(isWaiting, ddl)
      const count = late.query('select count(*) from hot')
      const sample = await until(isWaiting, late)
      expect(find(sample, ddl)?.lock?.kind).toBe('metadata')
      expect(find(sample, late)?.lock?.kind).toBe('metadata')
      if (isOn) {
        expect(find(sample, ddl)).toMatchObject({
          blockedBy: [idOf(reader)],
          lock: { object: 'hot', exclusive: true },
        })
        expect(find(sample, late)).toMatchObject({
          blockedBy: [idOf(ddl)],
          lock: { object: 'hot', exclusive: false },
        })
      } else expect(find(sample, late)?.blockedBy).toBeUndefined()
      ddl.destroy()
      await reader.query('commit')
      await count
    })

    test('a named lock', async () => {
      const [holder, waiter] = [await open(), await open()]
      await holder.query("select get_lock('nightly', 0)")
      const wait = waiter.query("select get_lock('nightly', 20)")
      const sample = await until(isWaiting, waiter)
      expect(find(sample, waiter)?.lock?.kind).toBe('advisory')
      if (isOn) {
        expect(find(sample, waiter)).toMatchObject({ blockedBy: [idOf(holder)], lock: { object: 'nightly' } })
      }
      await holder.query("select release_lock('nightly')")
      await wait
    })

    test('idle sessions come grouped, Spillway not at all', async () => {
      await Promise.all([open('web'), open('web'), open('web'), open('jobs')])
      const engine = engineOf(server.adminUrl())
      const other = isOn ? await engine.connect() : undefined
      const sample = await watcher.sample()
      await other?.close()
      expect(sample.sessions).toEqual([])
      const groups = sample.idle
        .filter(({ database }) => database === 'app')
        .map(group => [group.application, group.database, group.count])
      expect(groups.sort()).toEqual(
        isOn
          ? [
              ['jobs', 'app', 1],
              ['web', 'app', 3],
            ]
          : [[undefined, 'app', 4]],
      )
      expect(sample.signals).toMatchObject({
        connections: OURS + (isOn ? 5 : 4),
        connections_idle: 5,
        aas: 0,
      })
    })

    test('rates of what was committed and changed, and of deadlocks', async () => {
      const [one, two] = [await open(), await open()]
      await watcher.sample()
      await one.query(
        'insert into hot (id) with recursive r (i) as (select 100 union all select i + 1 from r where i < 199) select i from r',
      )
      await one.query('delete from hot where id >= 100')
      await one.query('begin')
      await two.query('begin')
      await one.query('update hot set id = id where id = 1')
      await two.query('update hot set id = id where id = 2')
      const both = [
        one.query('select * from hot where id = 2 for update'),
        two.query('select * from hot where id = 1 for update'),
      ]
      expect((await Promise.allSettled(both)).map(({ status }) => status).sort()).toEqual([
        'fulfilled',
        'rejected',
      ])
      const { signals } = await sampleUntil(watcher, one => (one.signals.deadlocks_per_s ?? 0) > 0)
      const { rows_inserted_per_s: inserted = 0, rows_deleted_per_s: deleted = 0 } = signals
      expect(inserted).toBeGreaterThan(0)
      expect(deleted).toBeGreaterThan(0)
      expect(signals.commits_per_s).toBeGreaterThan(0)
      expect(signals.statements_per_s).toBeGreaterThan(0)
      expect(signals.deadlocks_per_s).toBeGreaterThan(0)
      expect(signals.buffer_hit_ratio).toBeLessThanOrEqual(1)
    })

    test('invalid UTF-8, a megabyte of text, names made to mislead', async () => {
      const [binary, long] = [await open('evil\u001b[2J'), await open()]
      const bytes = Buffer.concat([
        Buffer.from("select sleep(20), '"),
        Buffer.from([0xff, 0xfe, 0x80]),
        Buffer.from("'"),
      ])
      binary.query(bytes.toString('latin1')).catch(() => undefined)
      long.query(`select sleep(20) /* ${'x'.repeat(1_000_000)} */, 'secret'`).catch(() => undefined)
      const sample = await until(({ waitEvent }) => waitEvent === 'User sleep', binary, long)
      expect(find(sample, binary)?.statement).toBe('select sleep(?), ?')
      expect(find(sample, long)?.statement).toMatch(/^select sleep\(\?\)/)
      expect(JSON.stringify(sample)).not.toMatch(/secret|\\u001b/)
    })

    test('ends the chosen session and no other', async () => {
      const victim = await open('victim')
      await victim.query('begin')
      await victim.query('select * from hot for update')
      const chosen = find(await until(({ state }) => state === 'idle in transaction', victim), victim)!
      const session = { id: chosen.id, startedAt: chosen.startedAt!, state: chosen.state }
      const act = (changed: object) =>
        watcher.act({ kind: 'end-session', session: { ...session, ...changed } })

      expect((await act({ startedAt: '2020-01-01T00:00:00.000Z' })).status).toBe('gone')
      expect((await act({ state: 'active' })).status).toBe('refused')
      expect(find(await watcher.sample(), victim)?.state).toBe('idle in transaction')
      expect(await act({})).toMatchObject({ status: 'done', done: true })
      await sampleUntil(watcher, one => find(one, victim) === undefined)
      expect(await act({})).toMatchObject({ status: 'gone', done: false })
    })

    test('probe', async () => {
      const probe = await engineOf(server.adminUrl()).probe()
      expect(probe).toMatchObject({ ok: true })
      expect(Object.keys(probe.phaseMs)).toEqual(['resolve', 'connect', 'tls', 'authenticate', 'query'])
    })

    test('doctor', async () => {
      const asked = ['performance_schema', 'metadata-locks', 'client-programs', 'statement-ids', 'exact-load']
      const amiss = (await watcher.examine()).flatMap(({ name, ok }) => (ok ? [] : name))
      expect(amiss.filter(name => asked.includes(name)).sort()).toEqual(isOn ? [] : asked.sort())
      expect(amiss.includes('row-locks')).toBe(!isMariaDb && !isOn)
      expect(amiss).toContain('wait_timeout')
      for (const name of ['version', 'see-all-sessions', 'tls', 'end-sessions'])
        expect(amiss).not.toContain(name)
    })
  })
}
