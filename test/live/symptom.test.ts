// Errors of real servers, in the forms a driver and a log give them, are told as what they are; the SQL advised runs.
import { readFile } from 'node:fs/promises'
import { inspect } from 'node:util'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ADVICE } from '../../src/symptom/advice.ts'
import { explainError } from '../../src/symptom/index.ts'
import { AVAILABLE, clientOf, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

const SQL = Object.values(ADVICE)
  .flatMap(({ next, nextOn }) => [...next, ...(nextOn?.postgres ?? [])])
  .flatMap(({ by, text }) => (by === 'sql' ? [text] : []))

const HBA = ['host all refused 127.0.0.1/32 reject', 'host all locked 127.0.0.1/32 scram-sha-256']

for (const major of [15, 18]) {
  describeWith(`Symptoms of PostgreSQL ${major}`, AVAILABLE.has(major), () => {
    let server: PostgresServer
    let opened: pg.Client[] = []
    const url = (user: string, database = 'postgres') =>
      `postgres://${user}:wrong@127.0.0.1:${server.port}/${database}`
    const open = async (user: string, database?: string) => {
      const client = await clientOf(url(user, database))
      opened.push(client)
      return client
    }
    const failing = (work: Promise<unknown>): Promise<pg.DatabaseError> =>
      work.then(
        () => expect.unreachable('it worked'),
        (reason: pg.DatabaseError) => reason,
      )
    const refusal = async (target: string): Promise<pg.DatabaseError> => {
      const client = new pg.Client({ connectionString: target })
      client.on('error', () => undefined)
      const error = await client.connect().then(
        () => client.end(),
        (reason: unknown) => reason,
      )
      return error as pg.DatabaseError
    }

    /** As Node.js prints it, as JSON, and as the words alone. */
    const forms = (error: pg.DatabaseError) => [
      inspect(error),
      JSON.stringify({ ...error, message: error.message }),
      error.message,
    ]
    const expectTold = (error: pg.DatabaseError, id: string) => {
      for (const text of forms(error)) expect(explainError(text)[0]?.id, text).toBe(id)
    }

    beforeAll(async () => {
      const settings = {
        max_connections: 12,
        superuser_reserved_connections: 2,
        max_wal_senders: 0,
        log_line_prefix: '%t:%r:%u@%d:[%p]:',
      }
      server = await startPostgres({
        major,
        hba: HBA,
        settings: major >= 16 ? { ...settings, reserved_connections: 2 } : settings,
      })
      const admin = await clientOf(server.superuserUrl())
      await admin.query(`create role app login; create role capped login connection limit 1; create role nologin nologin;
        create role refused login; create role locked login password 'right'`)
      await admin.query('create database small connection limit 0')
      await admin.query('create database closed allow_connections false')
      await admin.query('create table hot (id int); grant all on hot to app')
      await admin.end()
    })
    afterEach(async () => {
      const ending = opened.map(client => client.end())
      opened = []
      await Promise.all(ending)
    })
    afterAll(() => server?.stop())

    test.each([
      ['refused', 'postgres', 'auth.pg.hbareject'],
      ['locked', 'postgres', 'auth.pg.28P01'],
      ['nobody', 'postgres', 'auth.pg.norole'],
      ['nologin', 'postgres', 'auth.pg.norole'],
      ['app', 'nowhere', 'auth.pg.nodb'],
      ['app', 'closed', 'auth.pg.notaccepting'],
      ['app', 'small', 'slots.pg.db'],
    ])('%s at %s: %s', async (user, database, id) => {
      const error = await refusal(url(user, database))
      expectTold(error, id)
      const log = await readFile(server.logFile, 'utf8')
      const line = log.split('\n').findLast(text => text.includes(error.message))
      expect(explainError(line!)[0]?.id).toBe(id)
    })

    test('the limit of a role', async () => {
      await open('capped')
      expectTold(await refusal(url('capped')), 'slots.pg.role')
    })

    test('only reserved slots are left, then none', async () => {
      const admin = await clientOf(server.superuserUrl())
      opened.push(admin)
      let error: pg.DatabaseError | undefined
      while (error === undefined) {
        error = await refusal(url('app')).then(found => found ?? undefined)
        if (error === undefined) await open('app')
      }
      expectTold(error, major >= 16 ? 'slots.pg.reserved.ge16.pg_use' : 'slots.pg.reserved.le15')
      let full: unknown
      while (full === undefined) {
        full = await clientOf(server.superuserUrl()).then(
          client => void opened.push(client),
          (reason: unknown) => reason,
        )
      }
      expectTold(full as pg.DatabaseError, 'slots.pg.toomany')
    })

    test('a session that is ended, a statement that is stopped', async () => {
      const [victim, admin] = [await open('app'), await clientOf(server.superuserUrl())]
      opened.push(admin)
      const ended = new Promise<pg.DatabaseError>(resolve =>
        victim.once('error', error => resolve(error as pg.DatabaseError)),
      )
      const { rows } = await victim.query<{ pid: number }>('select pg_backend_pid() as pid')
      await admin.query('select pg_terminate_backend($1)', [rows[0]!.pid])
      expectTold(await ended, 'session.pg.57P01')

      const slow = await open('app')
      const error = slow.query('set statement_timeout = 10; select pg_sleep(10)')
      expectTold(await failing(error), 'stmt.pg.57014')
      await admin.query('begin; lock table hot')
      const late = slow.query('set statement_timeout = 0; set lock_timeout = 10; select * from hot')
      expectTold(await failing(late), 'stmt.pg.55P03')
    })

    test('nobody listens', async () => {
      const error = await refusal('postgres://app@127.0.0.1:1/postgres')
      expectTold(error, 'tcp.refused')
    })

    test.each(SQL)('%s', async sql => {
      const admin = await clientOf(server.superuserUrl())
      opened.push(admin)
      expect((await admin.query(sql)).fields.length).toBeGreaterThan(0)
    })
  })
}
