// One SQLSTATE for several refusals: told apart without a word of the message, on every version and in any language.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { classify } from '../../src/engine/postgres/classify.ts'
import type { Failure } from '../../src/model/index.ts'
import { languagesOf, translate } from '../kit/catalogue.ts'
import { readLog } from '../kit/log.ts'
import { AVAILABLE, clientOf, engineOf, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { gone } from '../kit/restart.ts'

const HBA = ['host all refused 127.0.0.1/32 reject', 'host all ident 127.0.0.1/32 ident']
const SETTINGS = { max_connections: 6, superuser_reserved_connections: 2, max_wal_senders: 0 }
const ROLES = `create role app login; create role capped login connection limit 0; create role nologin nologin;
  create role refused login; create role ident login`

const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER }

/** Whom, where, and what it is. */
const REFUSED: [user: string, database: string, Failure][] = [
  ['capped', 'postgres', 'role-limit'],
  ['app', 'small', 'database-limit'],
  ['nologin', 'postgres', 'not-permitted'],
  ['nobody', 'postgres', 'not-permitted'],
  ['refused', 'postgres', 'not-permitted'],
  ['ident', 'postgres', 'authentication-failed'],
]

const prepare = async (server: PostgresServer) => {
  const admin = await clientOf(server.superuserUrl())
  await admin.query(ROLES)
  await admin.query('create database small connection limit 0')
  await admin.end()
}

/** Takes every slot that is to be had. Returns what the next client meets. */
const fill = async (url: string, opened: pg.Client[]): Promise<pg.DatabaseError> => {
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    const error = await client.connect().then(
      () => undefined,
      (reason: pg.DatabaseError) => reason,
    )
    if (error) return error
    opened.push(client)
  }
}

for (const major of [12, 18]) {
  describeWith(`PostgreSQL ${major} without its words`, AVAILABLE.has(major), () => {
    let server: PostgresServer
    const url = (user: string, database = 'postgres') =>
      `postgres://${user}@127.0.0.1:${server.port}/${database}`
    const failureOf = ({ code, routine }: pg.DatabaseError) =>
      classify({ code, routine, message: '' }, 'authenticate', true).failure

    beforeAll(async () => {
      server = await startPostgres({ major, hba: HBA, settings: SETTINGS })
      await prepare(server)
    })
    afterAll(() => server?.stop())

    test.each(REFUSED)('%s at %s: %s', async (user, database, failure) => {
      expect(failureOf(await fill(url(user, database), []))).toBe(failure)
    })

    test('only reserved slots, then none', async () => {
      const opened: pg.Client[] = []
      expect(failureOf(await fill(url('app'), opened))).toBe('reserved-slots-only')
      expect(failureOf(await fill(server.superuserUrl(), opened))).toBe('slots-exhausted')
      await Promise.all(opened.map(client => client.end()))
    })

    test('the log has the same words', async () => {
      const { failures } = await readLog(server.logFile, { window: EVER, tickMs: 1_000 })
      const told = new Set(failures.map(({ failure }) => failure))
      // Of a client kept out by pg_hba.conf it knows no more than that it came without TLS.
      for (const [user, , failure] of REFUSED)
        expect(told).toContain(user === 'refused' ? 'tls-required' : failure)
      expect(told).toContain('reserved-slots-only')
      expect(told).toContain('slots-exhausted')
    })
  })
}

const DEBIAN = { major: 15, bin: '/usr/lib/postgresql/15/bin' }
const LANGUAGES = languagesOf(DEBIAN.major)

describeWith('PostgreSQL in German', existsSync(DEBIAN.bin) && LANGUAGES.includes('de'), () => {
  let server: PostgresServer
  const url = (user: string, database = 'postgres') =>
    `postgres://${user}@127.0.0.1:${server.port}/${database}`

  beforeAll(async () => {
    process.env.LANGUAGE = 'de'
    const log = { logging_collector: 'on', log_destination: 'csvlog', log_error_verbosity: 'verbose' }
    const settings = { ...SETTINGS, ...log, lc_messages: 'C.UTF-8' }
    server = await startPostgres({ binaries: DEBIAN, hba: HBA, settings })
    delete process.env.LANGUAGE
    await prepare(server)
  })
  afterAll(() => server?.stop())

  test.each(REFUSED)('%s at %s: %s', async (user, database, failure) => {
    const { native, ...probe } = await engineOf(url(user, database)).probe()
    expect(probe).toMatchObject({ failure, phase: 'authenticate' })
    expect(native?.message).toMatch(/Rolle|Datenbank|pg_hba\.conf lehnt|fehlgeschlagen/)
  })

  test('only reserved slots, then none, then shutting down', async () => {
    const opened: pg.Client[] = []
    // Who was refused before may still be giving back a slot.
    const after = async (filler: string) => {
      await fill(filler, opened)
      return (await engineOf(url('app')).probe()).failure
    }
    await expect.poll(() => after(url('app'))).toBe('reserved-slots-only')
    await expect.poll(() => after(server.superuserUrl())).toBe('slots-exhausted')
    server.signal('SIGTERM') // smart: waits for the sessions, lets nobody in
    await expect.poll(async () => (await engineOf(url('app')).probe()).failure).toBe('server-stopping')
    await Promise.all(opened.map(client => client.end()))
  })

  test('its log, which has the places too', async () => {
    await gone(server.pid)
    const said = await readLog(join(server.dataDir, 'log'), { window: EVER, tickMs: 1_000 })
    const told = new Set(said.failures.map(({ failure }) => failure))
    for (const [, , failure] of REFUSED) expect(told).toContain(failure)
    for (const failure of ['reserved-slots-only', 'slots-exhausted', 'server-stopping'])
      expect(told).toContain(failure)
    expect(said.notes).toEqual([])
  })
})

describeWith('the catalogues of PostgreSQL 15', LANGUAGES.length > 0, () => {
  test.each(LANGUAGES)('%s', language => {
    const failureOf = (state: string) => {
      const message = translate(`the database system is ${state}`, language, DEBIAN.major)!
      return classify({ code: '57P03', message }, 'authenticate').failure
    }
    expect(failureOf('shutting down')).toBe('server-stopping')
    expect(['starting up', 'in recovery mode', 'not yet accepting connections'].map(failureOf)).toEqual(
      Array(3).fill('server-starting'),
    )
  })
})
