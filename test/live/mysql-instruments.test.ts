// What a server instruments, what it does not, and what is said of it; statements and the exact load by its own count.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Check, Connection } from '../../src/model/index.ts'
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

for (const { name, isMariaDb, program } of SERVERS) {
  describeWith(`${name} and its instruments`, program !== undefined, () => {
    let server: MysqlServer
    let admin: Client
    let opened: Client[] = []
    let watching: Connection[] = []

    const open = async (application = 'web', user?: string): Promise<Client> => {
      const url = server.adminUrl('app')
      const client = await clientOf(
        user === undefined ? url : `mysql://${user}@127.0.0.1:${server.port}/app`,
        application,
      )
      opened.push(client)
      return client
    }
    const watch = async (): Promise<Connection> => {
      const watcher = await engineOf(server.adminUrl()).connect()
      watching.push(watcher)
      return watcher
    }
    const checked = async (watcher: Connection, name: string): Promise<Check> =>
      (await watcher.examine()).find(check => check.name === name)!
    const consumer = (names: string[], enabled: 'YES' | 'NO') =>
      admin.query('update performance_schema.setup_consumers set enabled = ? where name in (?)', [
        enabled,
        names,
      ])
    /** Runs what `doctor` advises, as it stands there. */
    const mend = async ({ fix = '' }: Check) => {
      for (const command of fix.split('; ')) await admin.query(command)
    }

    beforeAll(async () => {
      server = await startMysql(program!, {
        settings: {
          performance_schema: 'ON',
          sql_mode: 'ANSI_QUOTES,PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES',
        },
      })
      admin = await clientOf(server.adminUrl())
      await admin.query('create database app')
      await admin.query('create table app.t (id int primary key, code char(20))')
      await admin.query('create procedure app.nap() begin do sleep(0.5); do sleep(0.5); end')
      await admin.query("create user '<b>x</b>\u001b[2J'@'%'")
      await admin.query("grant all on app.* to '<b>x</b>\u001b[2J'@'%'")
    })
    afterEach(async () => {
      await endAll(admin, opened)
      await Promise.all(watching.map(watcher => watcher.close()))
      opened = []
      watching = []
      const settled = await watch()
      await sampleUntil(settled, ({ signals }) => signals.connections === 2)
      await settled.close()
      watching = []
    })
    afterAll(async () => {
      await admin?.end()
      await server?.stop()
    })

    test('what is switched off is said once, and the command beside it switches it on', async () => {
      if (!isMariaDb) await consumer(['events_statements_current', 'statements_digest'], 'NO')
      const before = await watch()
      for (const name of ['statement-ids', 'exact-load']) {
        expect(await checked(before, name)).toMatchObject({
          ok: false,
          fix: expect.stringContaining('UPDATE'),
        })
      }
      await mend(await checked(before, 'statement-ids'))
      const after = await watch()
      for (const name of ['statement-ids', 'statement-summaries', 'exact-load', 'instruments-lost']) {
        expect(await checked(after, name)).toMatchObject({ ok: true })
      }
      if (!isMariaDb) return
      expect(await checked(after, 'metadata-locks')).toMatchObject({ ok: false })
      await mend(await checked(after, 'metadata-locks'))
      expect(await checked(await watch(), 'metadata-locks')).toMatchObject({ ok: true })
    })

    test('statements as the server counts them, and the exact load', async () => {
      const clients = await Promise.all([open(), open(), open()])
      for (const client of clients) client.query("select sleep(30), 'a secret'").catch(() => undefined)
      const watcher = await watch()
      await sampleUntil(watcher, ({ signals }) => signals.aas === clients.length)
      const startedAt = performance.now()
      const caller = await open()
      await caller.query('call nap()')
      await caller.query("insert into t values (1, 'x'), (2, 'y')")
      const { signals, statements = [] } = await sampleUntil(watcher, one => one.statements !== undefined)
      const elapsedMs = performance.now() - startedAt

      const find = (pattern: RegExp) => statements.filter(({ statement }) => pattern.test(statement ?? ''))
      const [call] = find(/^call/i)
      expect(call).toMatchObject({ calls: 1, statementId: expect.stringMatching(/^[0-9a-f]{16,64}$/) })
      expect(call!.totalMs).toBeGreaterThanOrEqual(1_000)
      expect(find(/^insert/i)).toMatchObject([{ calls: 1, rows: 2 }])
      expect(statements.filter(({ statement }) => /secret|spillway/.test(statement ?? ''))).toEqual([])
      // What a procedure does is in the time of its call.
      const exactMs = signals.aas_exact! * elapsedMs
      expect(exactMs / (clients.length * elapsedMs + call!.totalMs)).toBeCloseTo(1, 0.9)
    })

    test('sessions that are not instrumented are seen all the same, and nothing is called exact', async () => {
      await admin.query("update performance_schema.setup_actors set enabled = 'NO'")
      try {
        const client = await open('quiet')
        client.query('select sleep(30)').catch(() => undefined)
        const watcher = await watch()
        const seen = (one: { sessions: { id: string }[] }) =>
          one.sessions.some(({ id }) => id === idOf(client))
        const { sessions } = await sampleUntil(watcher, seen)
        expect(sessions).toMatchObject([{ state: 'active', waitEvent: 'User sleep' }])
        expect(await checked(watcher, 'instrumented-sessions')).toMatchObject({ ok: false })
        const told = await sampleUntil(watcher, one => one.statements !== undefined)
        expect(told.signals.aas_exact).toBeUndefined()
      } finally {
        await admin.query("update performance_schema.setup_actors set enabled = 'YES'")
      }
    })

    test('a consumer that is switched off under way costs the ids, and no session', async () => {
      const watcher = await watch()
      const client = await open()
      await watcher.sample()
      await consumer(['events_statements_current'], 'NO')
      try {
        client.query('select sleep(30)').catch(() => undefined)
        const { sessions } = await sampleUntil(watcher, one => one.sessions.length > 0)
        expect(sessions).toMatchObject([
          { id: idOf(client), statementId: expect.stringMatching(/^[0-9a-f]{16}$/) },
        ])
      } finally {
        await consumer(['events_statements_current'], 'YES')
      }
    })

    test('everybody who comes and goes is noticed at once, in one round trip more', async () => {
      const watcher = await watch()
      await watcher.sample()
      const counts = ({ idle }: { idle: { count: number }[] }) =>
        idle.reduce((sum, { count }) => sum + count, 0)
      const before = counts(await watcher.sample())
      const clients = await Promise.all(Array.from({ length: 20 }, () => open('pool')))
      expect(counts(await watcher.sample())).toBe(before + clients.length)
      for (const client of clients) await client.end()
      const after = await sampleUntil(watcher, sample => counts(sample) === before)
      expect(after.idle.some(({ application }) => application === 'pool')).toBe(false)
    })

    test('names that are made to mislead', async () => {
      await open(
        '<img src=x onerror=alert(1)>\u0000\u001b]0;x\u0007',
        encodeURIComponent('<b>x</b>\u001b[2J'),
      )
      const { idle } = await (await watch()).sample()
      const group = idle.find(({ application }) => application?.startsWith('<img'))
      expect(group?.user).toMatch(/^<b>x<\/b>/)
      expect(JSON.stringify(idle)).not.toMatch(/\\u00/)
    })
  })
}
