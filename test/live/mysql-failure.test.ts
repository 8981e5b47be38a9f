// Every way a real MySQL or MariaDB refuses a connection: what the probe says, and what the operator is told.
import { once } from 'node:events'
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { AppError, type ErrorCode, type Failure, type Phase } from '../../src/model/index.ts'
import { type Client, clientOf, engineOf, type MysqlServer, SERVERS, startMysql } from '../kit/mysql.ts'
import { type Certificate, hasOpenssl, makeCertificate, sampleUntil } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

/** The least that MariaDB takes. */
const SLOTS = 10
const SECRET = 'hunter2-is-secret'

for (const { name, program } of SERVERS) {
  describeWith(`${name} refusals`, program !== undefined && hasOpenssl(), () => {
    let server: MysqlServer
    let certificate: Certificate
    let stranger: Certificate
    let opened: Client[] = []

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
    const asAdmin = async (...statements: string[]) => {
      const admin = await clientOf(server.adminUrl())
      for (const statement of statements) await admin.query(statement)
      await admin.end()
    }

    beforeAll(async () => {
      certificate = makeCertificate('localhost')
      stranger = makeCertificate('localhost')
      server = await startMysql(program!, { settings: { max_connections: SLOTS }, tls: certificate })
      await asAdmin(
        'create database app',
        `create user app@'%' identified by '${SECRET}'`,
        "grant all on app.* to app@'%'",
        `create user capped@'%' identified by '${SECRET}' with max_user_connections 2`,
        `create user monitor@'%' identified by '${SECRET}'`,
        "grant process on *.* to monitor@'%'",
        "grant select on performance_schema.* to monitor@'%'",
        `create user secure@'%' identified by '${SECRET}' require ssl`,
        `create user locked@'%' identified by '${SECRET}' account lock`,
      )
    })
    afterEach(() => {
      for (const client of opened) client.destroy()
      opened = []
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
      const watcher = await engineOf(server.adminUrl()).connect()
      expect(watcher.facts.hasReservedSlot).toBe(true)
      const { signals, idle } = await watcher.sample()
      expect(signals).toMatchObject({ connections: SLOTS + 1, usable_slots: SLOTS })
      expect(idle).toMatchObject([{ user: 'app', count: SLOTS }])
      await expectRefusal(app(), 'slots-exhausted', 'authenticate', 'no-free-slot', '1040')
      await expectRefusal(server.adminUrl(), 'slots-exhausted', 'authenticate', 'no-free-slot', '1040')
      const { failures = [] } = await sampleUntil(watcher, sample => sample.failures !== undefined)
      expect(failures).toMatchObject([{ source: 'counter', failure: 'slots-exhausted' }])
      await watcher.close()
    })

    test('the limit of an account, and of all accounts', async () => {
      const capped = url(`capped:${SECRET}`)
      await fill(capped, 2)
      await expectRefusal(capped, 'role-limit', 'authenticate', 'no-free-slot', '1226')
      const watcher = await engineOf(server.adminUrl()).connect()
      expect((await watcher.sample()).limits.roleLimits).toEqual({ capped: 2 })
      await asAdmin('set global max_user_connections = 3')
      await fill(app(), 3)
      await expectRefusal(app(), 'role-limit', 'authenticate', 'no-free-slot')
      expect((await watcher.sample()).limits.roleLimits).toMatchObject({ capped: 2, app: 3 })
      await asAdmin('set global max_user_connections = 0')
      await watcher.close()
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
      await asAdmin('set global require_secure_transport = on')
      await expectRefusal(app('', '?ssl-mode=disabled'), 'tls-required', 'authenticate', 'tls-failed')
      expect(await engineOf(app('', '?ssl-mode=required')).probe()).toMatchObject({ ok: true })
      await asAdmin('set global require_secure_transport = off')
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
      await expectRefusal(trusting('verify-ca', '/nonexistent.pem'), 'tls-certificate', 'tls', 'tls-failed')
    })

    test('an account with nothing sees itself, counts all and ends nobody', async () => {
      await fill(server.adminUrl(), 1)
      await fill(app(), 1)
      const watcher = await engineOf(app()).connect()
      expect(watcher.facts.seesAll).toBe(false)
      const { idle, signals } = await watcher.sample()
      expect(idle.map(({ user }) => user)).toEqual(['app'])
      expect(signals.connections).toBe(3)
      const check = (await watcher.examine()).find(({ name }) => name === 'see-all-sessions')
      expect(check).toMatchObject({ ok: false, fix: "GRANT PROCESS ON *.* TO 'app'@'%';" })
      await watcher.close()
    })

    test('PROCESS and the performance schema are enough to see all, not to end, not to write', async () => {
      const victim = await clientOf(app('app'))
      opened.push(victim)
      await victim.query('create table if not exists t (id int primary key)')
      await victim.query('begin')
      await victim.query('select * from t for update')
      const watcher = await engineOf(url(`monitor:${SECRET}`)).connect()
      const { sessions } = await sampleUntil(watcher, sample => sample.sessions.length === 1)
      expect(sessions).toMatchObject([{ user: 'app', state: 'idle in transaction' }])
      const { id, startedAt, state } = sessions[0]!
      const act = watcher.act({ kind: 'end-session', session: { id, startedAt: startedAt!, state } })
      await expect(act).rejects.toMatchObject({ code: 'privilege-missing' })
      expect((await watcher.sample()).sessions).toHaveLength(1)
      await watcher.close()
    })

    test('a session the server ends is lost', async () => {
      const watcher = await engineOf(url(`monitor:${SECRET}`)).connect()
      const admin = await clientOf(server.adminUrl())
      opened.push(admin)
      const [rows] = await admin.query(
        "select id as id from information_schema.processlist where user = 'monitor'",
      )
      await admin.query(`kill ${(rows as { id: number }[])[0]!.id}`)
      await expect(watcher.sample()).rejects.toMatchObject({ code: 'connection-lost' })
      expect(watcher.closed).toBe(true)
      await watcher.close()
    })

    test('a stopped server meets the deadline of the client', async () => {
      const watcher = await engineOf(url(`monitor:${SECRET}`)).connect()
      server.signal('SIGSTOP')
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
      const watcher = await engineOf(path).connect()
      expect(watcher.facts.sameHost).toBe(true)
      await watcher.close()
      const nowhere = 'mysql://app@localhost/?socket=/nonexistent'
      await expectRefusal(nowhere, 'connection-refused', 'connect', 'unreachable')
    })

    test('killed', async () => {
      const watcher = await engineOf(url(`monitor:${SECRET}`)).connect()
      server.signal('SIGKILL')
      await expect(watcher.sample()).rejects.toMatchObject({ code: 'connection-lost' })
      await expectRefusal(app(), 'connection-refused', 'connect', 'unreachable')
    })
  })

  describeWith(`${name} and its host cache`, program !== undefined, () => {
    test('a host that breaks off its handshakes is blocked, and told of', async () => {
      const server = await startMysql(program!, {
        settings: { max_connect_errors: 2, performance_schema: 'ON' },
      })
      const relay = await relayFrom('127.0.0.3', server)
      const watcher = await engineOf(server.adminUrl()).connect()
      const hearing = (failure: Failure) =>
        sampleUntil(watcher, ({ failures = [] }) => failures.some(one => one.failure === failure))
      try {
        await watcher.sample()
        for (let i = 0; i < 3; i++) await breakOff(relay.port)
        const broken = await hearing('connection-reset')
        expect(broken.failures).toMatchObject([{ source: 'counter', host: '127.0.0.3' }])
        const blocked = server.adminUrl().replace(`:${server.port}`, `:${relay.port}`)
        await expectRefusal(blocked, 'host-blocked', 'authenticate', 'denied', '1129')
        expect((await hearing('host-blocked')).failures).toMatchObject([{ host: '127.0.0.3' }])
        await watcher.close()
      } finally {
        await relay.close()
        await server.stop()
      }
    })
  })
}

/** Connections that come to the server from another host, as far as it can tell. */
const relayFrom = async (localAddress: string, to: MysqlServer) => {
  const relay = createServer(client => {
    const onward = connectTcp({ host: to.host, port: to.port, localAddress })
    client.on('error', () => onward.destroy()).on('close', () => onward.destroy())
    onward.on('error', () => client.destroy()).on('close', () => client.destroy())
    client.pipe(onward).pipe(client)
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  return {
    port: (relay.address() as AddressInfo).port,
    close: async () => {
      relay.close()
      await once(relay, 'close')
    },
  }
}

/** Hears the greeting and goes. */
const breakOff = async (port: number): Promise<void> => {
  const socket = connectTcp(port, '127.0.0.1')
  await once(socket, 'data')
  socket.end()
  await once(socket, 'close')
}

const expectRefusal = async (
  url: string,
  failure: Failure,
  phase: Phase,
  code: ErrorCode,
  native?: string,
): Promise<void> => {
  const engine = engineOf(url)
  const probe = await engine.probe()
  expect({ ok: probe.ok, failure: probe.failure, phase: probe.phase }).toEqual({ ok: false, failure, phase })
  if (native !== undefined) expect(probe.native?.code).toBe(native)
  expect(engine.explain(probe)?.code).toBe(code)
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
