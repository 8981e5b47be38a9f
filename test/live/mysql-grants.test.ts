// The account that `grants` prints, made exactly so on a real server: everything works with it, and it can write nothing.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Connection } from '../../src/model/index.ts'
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

const SECRET = 'least-of-all'

for (const { name, isMariaDb, program } of SERVERS) {
  describeWith(`The least account on ${name}`, program !== undefined, () => {
    let server: MysqlServer
    let admin: Client
    let hands: Client
    let watcher: Connection
    let opened: Client[] = []

    const url = (user = 'watcher', secret = SECRET) => `mysql://${user}:${secret}@127.0.0.1:${server.port}/`
    const open = async (): Promise<Client> => {
      const client = await clientOf(server.adminUrl('app'), 'shop')
      opened.push(client)
      return client
    }

    beforeAll(async () => {
      server = await startMysql(program!, { settings: { performance_schema: 'ON' } })
      admin = await clientOf(server.adminUrl())
      await admin.query('create database app')
      await admin.query('create table app.t (id int primary key)')
      await admin.query('insert into app.t values (1)')
      await admin.query("create user capped@'%' with max_user_connections 2")
      if (isMariaDb) await admin.query("update performance_schema.setup_consumers set enabled = 'YES'")
      const asAdmin = await engineOf(server.adminUrl()).connect()
      const commands = asAdmin.grants('watcher')
      await asAdmin.close()
      for (const command of commands) await admin.query(command)
      // What is printed as a comment needs a secret of somebody.
      await expect(engineOf(url()).connect()).rejects.toMatchObject({ code: 'denied' })
      await admin.query(`alter user watcher@'%' identified by '${SECRET}' account unlock`)
      watcher = await engineOf(url()).connect()
      hands = await clientOf(url())
    })
    afterEach(async () => {
      await endAll(admin, opened)
      opened = []
    })
    afterAll(async () => {
      await watcher?.close()
      await hands?.end()
      await admin?.end()
      await server?.stop()
    })

    test('samples, probes and examines', async () => {
      expect(watcher.facts).toMatchObject({ seesAll: true, hasReservedSlot: false })
      await open()
      const { idle, limits, signals } = await watcher.sample()
      expect(idle).toContainEqual(expect.objectContaining({ user: 'admin', application: 'shop', count: 1 }))
      expect(limits.roleLimits).toMatchObject({ capped: 2, watcher: 3 })
      // Itself, its hands, the administrator and the client.
      expect(signals.connections).toBe(4)
      expect(await engineOf(url()).probe()).toMatchObject({ ok: true })
      const failed = (await watcher.examine()).filter(({ ok }) => !ok).map(({ name }) => name)
      expect(failed).not.toContain('see-all-sessions')
      expect(failed).toEqual(expect.arrayContaining(['end-sessions', 'reserved-slot']))
      const instruments = ['performance_schema', 'statement-ids', 'statement-summaries', 'exact-load']
      for (const name of [
        ...instruments,
        'see-transactions',
        'row-locks',
        'client-programs',
        'account-limits',
      ]) {
        expect(failed).not.toContain(name)
      }
    })

    test('sees who blocks whom, and ends nobody', async () => {
      const [holder, waiter] = [await open(), await open()]
      await holder.query('begin')
      await holder.query('select * from t for update')
      waiter.query('delete from t').catch(() => undefined)
      const { sessions } = await sampleUntil(watcher, one => one.signals.lock_waiters === 1)
      const [head, blocked] = [idOf(holder), idOf(waiter)].map(id => sessions.find(one => one.id === id))
      expect(head).toMatchObject({ user: 'admin', state: 'idle in transaction', application: 'shop' })
      expect(blocked).toMatchObject({ statement: 'delete from t', blockedBy: [idOf(holder)] })
      const { id, startedAt, state } = head!
      const act = watcher.act({ kind: 'end-session', session: { id, startedAt: startedAt!, state } })
      await expect(act).rejects.toMatchObject({ code: 'privilege-missing' })
      expect((await watcher.sample()).sessions).toHaveLength(2)
    })

    test('reads statements, the exact load and failures of others', async () => {
      // Counters are read about every second, statements for the first time after two.
      const fresh = await engineOf(url()).connect()
      await fresh.sample()
      await (await open()).query('select count(*) from t')
      await engineOf(url('nobody', 'x')).probe()
      let failures = 0
      const { statements, signals } = await sampleUntil(fresh, one => {
        failures += one.failures?.length ?? 0
        return one.statements !== undefined
      })
      await fresh.close()
      expect(failures).toBe(1)
      expect(statements).toContainEqual(expect.objectContaining({ calls: 1, rows: 1 }))
      expect(signals.aas_exact).toBeGreaterThanOrEqual(0)
    })

    test.each([
      'create table app.u (n int)',
      'insert into app.t values (2)',
      'delete from app.t',
      'drop table app.t',
      'create database evil',
      "create user evil@'%'",
      'set global max_connections = 5',
      "update performance_schema.setup_consumers set enabled = 'NO'",
      'truncate table performance_schema.host_cache',
      "update mysql.user set max_user_connections = 0 where user = 'watcher'",
      'select * from app.t',
      'select authentication_string from mysql.user',
      "select 1 into outfile '/tmp/evil'",
    ])('cannot %s', async sql => {
      const refused = await hands.query(sql).catch((error: { errno?: number }) => error.errno)
      // 1044, 1142, 1143: no such right; 1045: no right to files; 1227: an administrator's. 1290: not on this server.
      expect([1044, 1045, 1142, 1143, 1227, 1290]).toContain(refused)
    })
  })
}
