// Every way a real server refuses a connection: what the probe says, and what the operator is told.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { AppError, type ErrorCode, type Failure, type Phase } from '../../src/model/index.ts'
import {
  AVAILABLE,
  type Certificate,
  clientOf,
  engineOf,
  hasOpenssl,
  makeCertificate,
  type PostgresServer,
  startPostgres,
} from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

const HBA = [
  'host all needs_password 127.0.0.1/32 scram-sha-256',
  'host all refused 127.0.0.1/32 reject',
  'hostssl all needs_tls 127.0.0.1/32 trust',
  'hostnossl all needs_tls 127.0.0.1/32 reject',
]
const SECRET = 'hunter2-is-secret'

for (const major of [15, 18]) {
  describeWith(`PostgreSQL ${major} refusals`, AVAILABLE.has(major), () => {
    let server: PostgresServer
    let opened: pg.Client[] = []

    const url = (user: string, database = 'postgres', query = '') =>
      `postgres://${user}@127.0.0.1:${server.port}/${database}${query}`
    const fill = async (user: string, slots: number, database?: string) => {
      for (let i = 0; i < slots; i++) opened.push(await clientOf(url(user, database)))
    }
    const fillAsSuperuser = async (slots: number) => {
      for (let i = 0; i < slots; i++) opened.push(await clientOf(server.superuserUrl()))
    }

    beforeAll(async () => {
      const settings = { max_connections: 12, superuser_reserved_connections: 2, max_wal_senders: 0 }
      server = await startPostgres({
        major,
        hba: HBA,
        settings: major >= 16 ? { ...settings, reserved_connections: 2 } : settings,
      })
      const admin = await clientOf(server.superuserUrl())
      await admin.query(`create role app login; create role capped login connection limit 2;
        create role needs_password login password '${SECRET}'; create role refused login; create role needs_tls login;
        create role monitor login; grant pg_monitor to monitor`)
      await admin.query('create database small connection limit 1')
      await admin.query('create database closed allow_connections false')
      if (major >= 16) await admin.query('grant pg_use_reserved_connections to monitor')
      await admin.end()
    })
    afterEach(async () => {
      const ending = opened.map(client => client.end())
      opened = []
      await Promise.all(ending)
    })
    beforeEach(() => settled())
    afterAll(() => server?.stop())

    /** The server frees a slot a moment after the client has gone. */
    const settled = async () => {
      const admin = await clientOf(server.superuserUrl())
      const others =
        'select count(*)::int as n from pg_stat_activity where backend_type = $1 and pid <> pg_backend_pid()'
      while ((await admin.query<{ n: number }>(others, ['client backend'])).rows[0]!.n > 0);
      await admin.end()
    }

    test('reserved slots only, and a watcher that may use one', async () => {
      await fill('app', major >= 16 ? 8 : 10)
      await expectRefusal(url('app'), 'reserved-slots-only', 'authenticate', 'no-free-slot')
      if (major < 16) return
      const watcher = await engineOf(url('monitor')).connect()
      expect(watcher.facts.hasReservedSlot).toBe(true)
      expect(watcher.facts.limits.reserved).toEqual({
        superuser_reserved_connections: 2,
        reserved_connections: 2,
      })
      const { signals } = await watcher.sample()
      expect(signals).toMatchObject({ connections: 9, usable_slots: 8 })
      await watcher.close()
    })

    test('every slot taken', async () => {
      await fill('app', major >= 16 ? 8 : 10)
      await fillAsSuperuser(major >= 16 ? 4 : 2)
      await expectRefusal(url('app'), 'slots-exhausted', 'authenticate', 'no-free-slot')
      const error = await appErrorOf(url('app'))
      expect(error.hint).toContain('pg_use_reserved_connections')
    })

    test('role limit', async () => {
      await fill('capped', 2)
      await expectRefusal(url('capped'), 'role-limit', 'authenticate', 'no-free-slot')
    })

    test('database limit', async () => {
      await fill('app', 1, 'small')
      await expectRefusal(url('app', 'small'), 'database-limit', 'authenticate', 'no-free-slot')
    })

    test('wrong password, and none at all', async () => {
      await expectRefusal(
        url('needs_password:wrong-secret'),
        'authentication-failed',
        'authenticate',
        'denied',
      )
      await expectRefusal(url('needs_password'), 'authentication-failed', 'authenticate', 'denied')
      expect(String(await appErrorOf(url('needs_password:wrong-secret')))).not.toContain('wrong-secret')
      expect(await engineOf(url(`needs_password:${SECRET}`)).probe()).toMatchObject({ ok: true })
    })

    test('a password out of the password file', async () => {
      const dir = mkdtempSync(join(tmpdir(), 'spillway-pgpass-'))
      const file = join(dir, 'pgpass')
      writeFileSync(file, `127.0.0.1:${server.port}:*:needs_password:${SECRET}\n`, { mode: 0o600 })
      process.env.PGPASSFILE = file
      try {
        expect(await engineOf(url('needs_password')).probe()).toMatchObject({ ok: true })
      } finally {
        delete process.env.PGPASSFILE
        rmSync(dir, { recursive: true })
      }
    })

    test('unknown database, closed database, refused role', async () => {
      await expectRefusal(url('app', 'nowhere'), 'database-unknown', 'authenticate', 'database-unknown')
      await expectRefusal(url('app', 'closed'), 'not-permitted', 'authenticate', 'denied')
      await expectRefusal(
        url('refused', 'postgres', '?sslmode=require'),
        'tls-unsupported',
        'tls',
        'tls-failed',
      )
    })

    test('a role without pg_monitor sees its own sessions and counts the others', async () => {
      opened.push(await clientOf(server.superuserUrl()))
      const watcher = await engineOf(url('app')).connect()
      expect(watcher.facts.seesAll).toBe(false)
      const { sessions, signals } = await watcher.sample()
      expect(sessions.map(({ state, statement }) => [state, statement])).toEqual([['unknown', undefined]])
      expect(signals.connections).toBe(2)
      const check = (await watcher.examine()).find(({ name }) => name === 'see-all-sessions')
      expect(check).toMatchObject({ ok: false, fix: 'GRANT pg_monitor TO app;' })
      const session = { id: sessions[0]!.id, startedAt: '2020-01-01T00:00:00.000000Z', state: 'unknown' }
      await expect(watcher.act({ kind: 'end-session', session })).rejects.toMatchObject({
        code: 'privilege-missing',
      })
      await watcher.close()
    })

    test('a role with pg_monitor may see and not end', async () => {
      const victim = await clientOf(server.superuserUrl())
      opened.push(victim)
      await victim.query('begin')
      const watcher = await engineOf(url('monitor')).connect()
      const { sessions } = await watcher.sample()
      const { id, startedAt, state } = sessions[0]!
      const act = watcher.act({ kind: 'end-session', session: { id, startedAt: startedAt!, state } })
      await expect(act).rejects.toMatchObject({ code: 'privilege-missing' })
      expect((await watcher.sample()).sessions).toHaveLength(1)
      await watcher.close()
    })

    test('a session the server ends is lost', async () => {
      const watcher = await engineOf(url('monitor')).connect()
      const admin = await clientOf(server.superuserUrl())
      await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'spillway'`,
      )
      await admin.end()
      await expect(watcher.sample()).rejects.toMatchObject({ code: 'connection-lost' })
      expect(watcher.closed).toBe(true)
      await watcher.close()
    })

    test('a stopped backend meets the deadline of the client', async () => {
      const watcher = await engineOf(url('monitor')).connect()
      const admin = await clientOf(server.superuserUrl())
      const { rows } = await admin.query<{ pid: number }>(
        `select pid from pg_stat_activity where application_name = 'spillway'`,
      )
      process.kill(rows[0]!.pid, 'SIGSTOP')
      try {
        await expect(watcher.sample()).rejects.toMatchObject({ code: 'no-answer' })
        expect(watcher.closed).toBe(true)
        await expect(watcher.sample()).rejects.toMatchObject({ code: 'connection-lost' })
      } finally {
        process.kill(rows[0]!.pid, 'SIGCONT')
      }
      await admin.end()
    })

    test('a Unix socket', async () => {
      const path = `postgres://app@/postgres?host=${encodeURIComponent(server.socketDir)}&port=${server.port}`
      const watcher = await engineOf(path).connect()
      expect(watcher.facts.sameHost).toBe(true)
      await watcher.close()
      await expectRefusal(
        'postgres://app@/postgres?host=/nonexistent',
        'connection-refused',
        'connect',
        'unreachable',
      )
    })

    test('shutting down', async () => {
      await fill('app', 1)
      server.signal('SIGTERM') // smart: waits for the session, lets nobody in
      await expectRefusal(url('app'), 'server-stopping', 'authenticate', 'not-ready')
    })
  })

  describeWith(`PostgreSQL ${major} with TLS`, AVAILABLE.has(major) && hasOpenssl(), () => {
    let server: PostgresServer
    let certificate: Certificate
    let stranger: Certificate
    const url = (user: string, query: string, host = 'localhost') =>
      `postgres://${user}@${host}:${server.port}/postgres?${query}`

    beforeAll(async () => {
      certificate = makeCertificate('localhost')
      stranger = makeCertificate('localhost')
      server = await startPostgres({ major, hba: HBA, tls: certificate })
      const admin = await clientOf(server.superuserUrl())
      await admin.query('create role needs_tls login; create role refused login')
      await admin.end()
    })
    afterAll(async () => {
      await server?.stop()
      certificate?.remove()
      stranger?.remove()
    })

    test.each(['prefer', 'require', 'allow'])('%s encrypts and does not verify', async mode => {
      const watcher = await engineOf(url('needs_tls', `sslmode=${mode}`)).connect()
      const check = (await watcher.examine()).find(({ name }) => name === 'tls')
      expect(check).toMatchObject({ ok: true, finding: 'the connection is encrypted' })
      await watcher.close()
    })

    test.each(['verify-ca', 'verify-full', 'require'])('%s with the right root', async mode => {
      const root = `sslrootcert=${encodeURIComponent(certificate.certFile)}`
      expect(await engineOf(url('needs_tls', `sslmode=${mode}&${root}`)).probe()).toMatchObject({ ok: true })
    })

    test('the name counts for verify-full only', async () => {
      const root = `sslrootcert=${encodeURIComponent(certificate.certFile)}`
      const full = url('needs_tls', `sslmode=verify-full&${root}`, '127.0.0.1')
      await expectRefusal(full, 'tls-certificate', 'tls', 'tls-failed')
      expect(
        await engineOf(url('needs_tls', `sslmode=verify-ca&${root}`, '127.0.0.1')).probe(),
      ).toMatchObject({
        ok: true,
      })
    })

    test('an untrusted certificate, another root, a root that is not there', async () => {
      await expectRefusal(url('needs_tls', 'sslmode=verify-full'), 'tls-certificate', 'tls', 'tls-failed')
      const other = `sslrootcert=${encodeURIComponent(stranger.certFile)}`
      await expectRefusal(
        url('needs_tls', `sslmode=require&${other}`),
        'tls-certificate',
        'tls',
        'tls-failed',
      )
      const none = 'sslmode=verify-ca&sslrootcert=/nonexistent.pem'
      await expectRefusal(url('needs_tls', none), 'tls-certificate', 'tls', 'authority-unreadable')
    })

    test('TLS required, and a role that is refused with TLS', async () => {
      await expectRefusal(url('needs_tls', 'sslmode=disable'), 'tls-required', 'authenticate', 'tls-failed')
      await expectRefusal(url('refused', 'sslmode=require'), 'not-permitted', 'authenticate', 'denied')
    })
  })
}

const expectRefusal = async (url: string, failure: Failure, phase: Phase, code: ErrorCode): Promise<void> => {
  const probe = await engineOf(url).probe()
  expect({ ok: probe.ok, failure: probe.failure, phase: probe.phase }).toEqual({ ok: false, failure, phase })
  expect((await appErrorOf(url)).code).toBe(code)
}

const appErrorOf = async (url: string): Promise<AppError> => {
  const error = await engineOf(url)
    .connect()
    .catch((caught: unknown) => caught)
  if (!(error instanceof AppError)) throw new Error('it did not fail as expected', { cause: error })
  expect(error.message).not.toContain('\n')
  expect(error.hint).not.toBe('')
  return error
}
