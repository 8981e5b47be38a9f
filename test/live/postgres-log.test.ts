// Failures of other clients out of the log of a real server, in every format it writes, whole and as it grows.
import { once } from 'node:events'
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Failure, FailureCount, Testimony } from '../../src/model/index.ts'
import { followLog, readLog } from '../kit/log.ts'
import { AVAILABLE, clientOf, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

const RDS_PREFIX = '%t:%r:%u@%d:[%p]:'
const HBA = [
  'host all needs_password 127.0.0.1/32 scram-sha-256',
  'host all refused 127.0.0.1/32 reject',
  'hostssl all needs_tls 127.0.0.1/32 trust',
  'hostnossl all needs_tls 127.0.0.1/32 reject',
]
const SECRET = 'hunter2-is-secret'
const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER }

for (const major of [15, 18]) {
  describeWith(`PostgreSQL ${major} log`, AVAILABLE.has(major), () => {
    let server: PostgresServer
    let folder: string
    let since: number
    const url = (user: string, database = 'postgres') =>
      `postgres://${user}@127.0.0.1:${server.port}/${database}`
    const refused = (user: string, database?: string) =>
      expect(clientOf(url(user, database), 'shop')).rejects.toThrow()
    const read = (file: string, more = {}) =>
      readLog(join(folder, file), { window: EVER, tickMs: 1_000, ...more })

    beforeAll(async () => {
      server = await startPostgres({
        major,
        hba: HBA,
        settings: {
          max_connections: 8,
          superuser_reserved_connections: 2,
          authentication_timeout: '1s',
          logging_collector: 'on',
          log_destination: 'stderr,csvlog,jsonlog',
          log_filename: 'server.log',
          log_line_prefix: RDS_PREFIX,
          log_connections: 'on',
          log_timezone: 'Europe/Berlin',
        },
      })
      folder = join(server.dataDir, 'log')
      since = Date.now()
      await provoke()
    })
    afterAll(() => server?.stop())

    /** What each clients meets, once, unless said. */
    const provoke = async () => {
      const admin = await clientOf(server.superuserUrl())
      await admin.query(`create role app login; create role capped login connection limit 1;
        create role needs_password login password '${SECRET}'; create role refused login; create role needs_tls login`)
      await admin.query('create database small connection limit 1')
      const open: pg.Client[] = [await clientOf(url('capped')), await clientOf(url('app', 'small'))]
      await refused('capped')
      await refused('capped')
      await refused('app', 'small')
      await refused('nobody')
      await refused('app', 'nowhere')
      await refused('needs_password:not-the-password')
      await refused('refused')
      await refused('needs_tls')
      await strange(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
      await strange(startup('needs_password'))
      const victim = await clientOf(url('app'))
      const ended = new Promise<void>(resolve => victim.once('end', resolve))
      await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app' and datname = 'postgres'`,
      )
      await ended
      const talker = await clientOf(url('app'))
      await talker.query('begin')
      ;(talker as unknown as { connection: { stream: Socket } }).connection.stream.resetAndDestroy()
      await gone(admin, 'app', 'postgres')
      while (open.length < 5) open.push(await clientOf(url('app')))
      await refused('app')
      for (let n = 0; n < 2; n++) open.push(await clientOf(server.superuserUrl()))
      await refused('app')
      await refused('app')
      await admin.query(`select 1 as "FATAL:  sorry, too many clients already\n2026-01-01 00:00:00.000 UTC,"`)
      await expect(
        admin.query(
          `select 'x\n2026-01-01 00:00:00 UTC::a@b:[1]:FATAL:  sorry, too many clients already' from nowhere`,
        ),
      ).rejects.toThrow()
      await Promise.all([...open, admin].map(client => client.end()))
    }

    const strange = async (bytes: Buffer) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes))
      socket.resume().on('error', () => undefined)
      await once(socket, 'close')
    }

    const gone = async (admin: pg.Client, user: string, database: string) => {
      const sql = 'select 1 from pg_stat_activity where usename = $1 and datname = $2'
      while ((await admin.query(sql, [user, database])).rows.length > 0);
    }

    /** The collector writes a moment later. */
    const readAll = async (file: string, more = {}): Promise<Testimony> => {
      for (const deadline = performance.now() + 10_000; ; await sleep(50)) {
        const said = await read(file, more)
        if (total(said.failures) >= total(EXPECTED) || performance.now() > deadline) return said
      }
    }

    const EXPECTED: Partial<Record<Failure, number>> = {
      'role-limit': 2,
      'database-limit': 1,
      'not-permitted': 1,
      'database-unknown': 1,
      'authentication-failed': 1,
      // A client without TLS that is rejected: the text is the same where TLS would not help.
      'tls-required': 2,
      'not-this-protocol': 1,
      'handshake-timeout': 1,
      'session-ended': 1,
      'connection-reset': 1,
      'reserved-slots-only': 1,
      'slots-exhausted': 2,
    }

    test.each(['server.log', 'server.csv', 'server.json', '.'])(
      'every refusal is counted once: %s',
      async file => {
        const said = await readAll(file)
        expect(byFailure(said.failures)).toEqual(EXPECTED)
        expect(said.notes).toEqual([])
        expect(said.complete).toBe(true)
        expect(said.events.map(({ kind }) => kind)).toContain('server-ready')
        expect(said.opened!.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(10)
        for (const { t } of said.failures) expect(t).toBeGreaterThanOrEqual(since - 1_000)
        for (const { t } of said.failures) expect(t).toBeLessThanOrEqual(Date.now())
      },
    )

    test.each(['server.log', 'server.csv', 'server.json'])('who it was: %s', async file => {
      const { failures } = await readAll(file)
      const one = (failure: Failure) => failures.find(entry => entry.failure === failure)
      const code = file === 'server.log' ? '' : '53300'
      expect(one('role-limit')).toMatchObject({
        user: 'capped',
        database: 'postgres',
        host: '127.0.0.1',
        native: { code },
      })
      expect(one('database-limit')).toMatchObject({ user: 'app', database: 'small', native: { code } })
      expect(one('slots-exhausted')).toMatchObject({ user: 'app', database: 'postgres' })
      expect(one('authentication-failed')).toMatchObject({ user: 'needs_password' })
      const text = JSON.stringify(failures)
      for (const literal of [SECRET, 'not-the-password', '"capped\\"', '2026-01-01'])
        expect(text).not.toContain(literal)
    })

    test('only what is in the window', async () => {
      const { failures } = await readAll('server.json')
      const { t } = failures.find(({ failure }) => failure === 'slots-exhausted')!
      const said = await read('server.json', { window: { from: t, to: t + 1 }, tickMs: 1 })
      const ofThen = failures.filter(one => one.t === t)
      expect(total(said.failures)).toBeLessThanOrEqual(total(ofThen))
      const before = await read('server.json', { window: { from: 0, to: 1_000 } })
      expect(before.failures).toEqual([])
      expect(before.notes).toHaveLength(1)
    })

    test('cut anywhere, nothing is made up', async () => {
      await readAll('server.csv')
      const copies = mkdtempSync(join(tmpdir(), 'spillway-log-'))
      try {
        for (const name of ['server.log', 'server.csv', 'server.json']) {
          const whole = readFileSync(join(folder, name))
          for (let from = 1; from < whole.length; from += 997) {
            writeFileSync(join(copies, name), whole.subarray(from, whole.length - (from % 211)))
            const { failures } = await readLog(join(copies, name), { window: EVER, tickMs: 1_000 }).catch(
              () => NOTHING,
            )
            for (const [failure, count] of Object.entries(byFailure(failures)))
              expect(count, `${name} from ${from}`).toBeLessThanOrEqual(EXPECTED[failure as Failure] ?? 0)
          }
        }
      } finally {
        rmSync(copies, { recursive: true })
      }
    })

    test('followed over rotation, truncation and removal', async () => {
      await readAll('server.json')
      const whole = readFileSync(join(folder, 'server.json'), 'utf8').trimEnd().split('\n')
      const line = `${whole.find(text => text.includes('too many clients already'))!}\n`
      const copies = mkdtempSync(join(tmpdir(), 'spillway-log-'))
      const file = join(copies, 'postgresql.json')
      writeFileSync(file, `${whole.join('\n')}\n`)
      const witness = await followLog(file, { now: Date.now })
      const heard = async () => total((await witness.hear()).failures)
      try {
        expect(await heard()).toBe(0)
        appendFileSync(file, line.repeat(3))
        appendFileSync(file, line.slice(0, 100))
        expect(await heard()).toBe(3)
        appendFileSync(file, line.slice(100))
        expect(await heard()).toBe(1)
        appendFileSync(file, line)
        renameSync(file, `${file}.1`)
        appendFileSync(`${file}.1`, line)
        expect(await heard()).toBe(2)
        writeFileSync(file, line.repeat(2))
        expect(await heard()).toBe(2)
        truncateSync(file, 0)
        expect(await heard()).toBe(0)
        appendFileSync(file, line)
        expect(await heard()).toBe(1)
        rmSync(file)
        expect(await heard()).toBe(0)
      } finally {
        await witness.close()
        rmSync(copies, { recursive: true })
      }
    })
  })
}

const NOTHING: Testimony = { failures: [], events: [], complete: true, notes: [] }

const total = (failures: FailureCount[] | Partial<Record<Failure, number>>): number =>
  Array.isArray(failures)
    ? failures.reduce((sum, { count }) => sum + count, 0)
    : Object.values(failures).reduce((sum, count) => sum + count, 0)

const byFailure = (failures: FailureCount[]): Partial<Record<Failure, number>> => {
  const counts: Partial<Record<Failure, number>> = {}
  for (const { failure, count } of failures) counts[failure] = (counts[failure] ?? 0) + count
  return counts
}

/** StartupMessage of protocol 3.0. */
const startup = (user: string): Buffer => {
  const body = Buffer.from(`user\0${user}\0\0`)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(body.length + 8)
  head.writeUInt32BE(196_608, 4)
  return Buffer.concat([head, body])
}
