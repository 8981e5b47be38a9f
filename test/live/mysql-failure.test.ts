// Every way a real MySQL or MariaDB refuses a connection: what the probe says, and what the operator is told.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { AppError, Connection } from '../../src/model/index.ts'
import {
  appErrorOf,
  type Client,
  clientOf,
  engineOf,
  expectRefusal,
  type MysqlServer,
  SERVERS,
  startMysql,
} from '../kit/mysql.ts'
import { type Certificate, hasOpenssl, makeCertificate, sampleUntil } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { isStopped } from '../kit/restart.ts'

/** The least that MariaDB takes. */
const SLOTS = 10
const SECRET = 'hunter2-is-secret'

for (const { name, program } of SERVERS) {
  describeWith(`${name} refusals`, program !== undefined && hasOpenssl(), () => {
    let server: MysqlServer
    let certificate: Certificate
    let stranger: Certificate
    let opened: Client[] = []
    let watching: Connection[] = []

    const url = (user: string, database = '', query = '') =>
      `mysql://${user}@127.0.0.1:${server.port}/${database}${query}`
    const app = (database?: string, query?: string) => url(`app:${SECRET}`, database, query)
    const fill = async (uri: string, slots: number) => {
      for (let i = 0; i < slots; i++) opened.push(await clientOf(uri))
    }
    /** The server frees a slot a moment after the client has gone. */
    const settled = async () => {
      const deadline = performance.now() + 10_000
      for (;;) {
        const watcher = await engineOf(server.adminUrl())
          .connect()
          .catch(() => undefined)
        const connections = (await watcher?.sample())?.signals.connections
        await watcher?.close()
        if (connections === 1) return
        if (performance.now() > deadline) throw new Error(`${connections} connections are left`)
      }
    }
    /** A refused client keeps the administrator's slot for a moment. */
    const watch = async (uri: string): Promise<Connection> => {
      const deadline = performance.now() + 5_000
      for (;;) {
        try {
          const watcher = await engineOf(uri).connect()
          watching.push(watcher)
          return watcher
        } catch (error) {
          if (performance.now() > deadline || (error as AppError).code !== 'no-free-slot') throw error
        }
      }
    }
    const asAdmin = async (...statements: string[]) => {
      const admin = await clientOf(server.adminUrl())
      for (const statement of statements) await admin.query(statement)
      await admin.end()
    }

    beforeAll(async () => {
      certificate = makeCertificate('localhost')
      stranger = makeCertificate('localhost')
      server = await startMysql(program!, {
        settings: { max_connections: SLOTS, max_user_connections: 50 },
        tls: certificate,
      })
      await asAdmin(
        'create database app',
        `create user app@'%' identified by '${SECRET}'`,
        "grant all on app.* to app@'%'",
        `create user capped@'%' identified by '${SECRET}' with max_user_connections 2`,
        `create user secure@'%' identified by '${SECRET}' require ssl`,
        `create user locked@'%' identified by '${SECRET}' account lock`,
      )
      // The least account, exactly as `spillway grants` prints it.
      const admin = await engineOf(server.adminUrl()).connect()
      const commands = admin.grants('monitor').filter(command => !command.startsWith('--'))
      await admin.close()
      await asAdmin(...commands, `alter user monitor@'%' identified by '${SECRET}' account unlock`)
    })
    afterEach(async () => {
      for (const client of opened) client.destroy()
      for (const watcher of watching) await watcher.close()
      opened = []
      watching = []
    })
    beforeEach(() => settled())
    afterAll(async () => {
      await server?.stop()
      certificate?.remove()
      stranger?.remove()
    })

    test('all slots taken: an administrator still gets in, and then nobody', async () => {
      await fill(app(), SLOTS)
      await expectRefusal(app(), 'reserved-slots-only', 'authenticate', 'no-free-slot', '1040')
      const watcher = await watch(server.adminUrl())
      expect(watcher.facts.hasReservedSlot).toBe(true)
      const { signals, idle } = await watcher.sample()
      expect(signals).toMatchObject({ connections: SLOTS + 1, usable_slots: SLOTS })
      expect(idle).toMatchObject([{ user: 'app', count: SLOTS }])
      await expectRefusal(app(), 'slots-exhausted', 'authenticate', 'no-free-slot', '1040')
      await expectRefusal(server.adminUrl(), 'slots-exhausted', 'authenticate', 'no-free-slot', '1040')
      const { failures = [] } = await sampleUntil(watcher, sample => sample.failures !== undefined)
      expect(failures).toMatchObject([{ source: 'counter', failure: 'slots-exhausted' }])
    })

    test('the limit of an account, and of all accounts', async () => {
      const capped = url(`capped:${SECRET}`)
      await fill(capped, 2)
      await expectRefusal(capped, 'role-limit', 'authenticate', 'no-free-slot', '1226')
      const watcher = await watch(server.adminUrl())
      expect((await watcher.sample()).limits.roleLimits).toMatchObject({ capped: 2, admin: 50 })
      await asAdmin('set global max_user_connections = 3')
      await fill(app(), 3)
      await expectRefusal(app(), 'role-limit', 'authenticate', 'no-free-slot')
      expect((await watcher.sample()).limits.roleLimits).toMatchObject({ capped: 2, app: 3 })
      await asAdmin('set global max_user_connections = 50')
    })

    test('wrong password, none at all, a locked account', async () => {
      await expectRefusal(url('app:wrong-secret'), 'authentication-failed', 'authenticate', 'denied', '1045')
      await expectRefusal(url('app'), 'authentication-failed', 'authenticate', 'denied', '1045')
      expect(String(await appErrorOf(url('app:wrong-secret')))).not.toContain('wrong-secret')
      await expectRefusal(url(`locked:${SECRET}`), 'not-permitted', 'authenticate', 'denied')
      expect(await engineOf(app()).probe()).toMatchObject({ ok: true })
    })

    test('an unknown database, and one that is closed to the account', async () => {
      await expectRefusal(
        server.adminUrl('nowhere'),
        'database-unknown',
        'authenticate',
        'database-unknown',
        '1049',
      )
      await expectRefusal(app('mysql'), 'not-permitted', 'authenticate', 'denied', '1044')
    })

    test('TLS: required, and who answers to it', async () => {
      const admin = await clientOf(server.adminUrl())
      opened.push(admin)
      await admin.query('set global require_secure_transport = on')
      try {
        // MariaDB 10 says no more than that access is denied.
        const plain = app('', '?ssl-mode=disabled')
        if (name.startsWith('MariaDB 10')) {
          await expectRefusal(plain, 'authentication-failed', 'authenticate', 'denied', '1045')
        } else await expectRefusal(plain, 'tls-required', 'authenticate', 'tls-failed', '3159')
        expect(await engineOf(app('', '?ssl-mode=required')).probe()).toMatchObject({ ok: true })
      } finally {
        await admin.query('set global require_secure_transport = off')
      }
      // The account's own wish is refused like a wrong password.
      const secure = url(`secure:${SECRET}`, '', '?ssl-mode=disabled')
      await expectRefusal(secure, 'authentication-failed', 'authenticate', 'denied', '1045')
      expect(await engineOf(url(`secure:${SECRET}`)).probe()).toMatchObject({ ok: true })

      const trusting = (mode: string, file: string, host = 'localhost') =>
        app('', `?ssl-mode=${mode}&ssl-ca=${encodeURIComponent(file)}`).replace('127.0.0.1', host)
      for (const mode of ['required', 'verify-ca', 'verify-identity']) {
        expect(await engineOf(trusting(mode, certificate.certFile)).probe()).toMatchObject({ ok: true })
        await expectRefusal(trusting(mode, stranger.certFile), 'tls-certificate', 'tls', 'tls-failed')
      }
      const byAddress = trusting('verify-identity', certificate.certFile, '127.0.0.1')
      await expectRefusal(byAddress, 'tls-certificate', 'tls', 'tls-failed')
      await expectRefusal(
        trusting('verify-ca', '/nonexistent.pem'),
        'tls-certificate',
        'tls',
        'authority-unreadable',
      )
    })

    test('an account with nothing sees itself, counts all and ends nobody', async () => {
      await fill(server.adminUrl(), 1)
      await fill(app(), 1)
      const watcher = await watch(app())
      expect(watcher.facts.seesAll).toBe(false)
      const { idle, signals } = await watcher.sample()
      expect(idle.map(({ user }) => user)).toEqual(['app'])
      expect(signals.connections).toBe(3)
      const check = (await watcher.examine()).find(({ name }) => name === 'see-all-sessions')
      expect(check).toMatchObject({ ok: false, fix: "GRANT PROCESS ON *.* TO 'app'@'%';" })
    })

    test('a session the server ends is lost', async () => {
      const watcher = await watch(url(`monitor:${SECRET}`))
      const admin = await clientOf(server.adminUrl())
      opened.push(admin)
      const [rows] = await admin.query(
        "select id as id from information_schema.processlist where user = 'monitor'",
      )
      await admin.query(`kill ${(rows as { id: number }[])[0]!.id}`)
      await expect(watcher.sample()).rejects.toMatchObject({ code: 'connection-lost' })
      expect(watcher.closed).toBe(true)
    })

    test('a stopped server meets the deadline of the client', async () => {
      const watcher = await watch(url(`monitor:${SECRET}`))
      server.signal('SIGSTOP')
      await expect.poll(() => isStopped(server.pid), { timeout: 10_000 }).toBe(true)
      try {
        await expect(watcher.sample()).rejects.toMatchObject({ code: 'no-answer' })
        expect(watcher.closed).toBe(true)
        await expect(watcher.sample()).rejects.toMatchObject({ code: 'connection-lost' })
        // The kernel still takes the connection; nobody greets.
        const probe = await engineOf(app('', '?connect-timeout=1')).probe()
        expect(probe).toMatchObject({ failure: 'handshake-timeout', phase: 'tls' })
      } finally {
        server.signal('SIGCONT')
      }
    })

    test('a Unix socket', async () => {
      const path = `mysql://monitor:${SECRET}@localhost/?socket=${encodeURIComponent(server.socket)}`
      const watcher = await watch(path)
      expect(watcher.facts.sameHost).toBe(true)
      const nowhere = 'mysql://app@localhost/?socket=/nonexistent'
      await expectRefusal(nowhere, 'connection-refused', 'connect', 'unreachable')
    })

    test('killed in the middle of a sample', async () => {
      const watcher = await watch(url(`monitor:${SECRET}`))
      const sampling = (async () => {
        for (;;) await watcher.sample()
      })()
      server.signal('SIGKILL')
      await expect(sampling).rejects.toMatchObject({ code: 'connection-lost' })
      await expect.poll(async () => (await engineOf(app()).probe()).failure).toBe('connection-refused')
    })
  })
}
