// Every way PgBouncer refuses a client or makes it wait: what the probe says, and what PgBouncer's own log says of it.
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { hasPgbouncer, type Pgbouncer, startPgbouncer } from '../../src/lab/postgres/pgbouncer.ts'
import type { ErrorCode, Failure, Phase, ProbeResult, Witness } from '../../src/model/index.ts'
import { followLog, readLog } from '../kit/log.ts'
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

const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER }
/** A probe asks first whether settings may be sent. */
const SETTINGS_REFUSED = { failure: 'not-permitted', count: 1 }

describeWith('PgBouncer refusals', hasPgbouncer() && AVAILABLE.size > 0 && hasOpenssl(), () => {
  let server: PostgresServer
  let pooler: Pgbouncer
  let strict: Pgbouncer
  let certificate: Certificate
  let witness: Witness
  let open: pg.Client[] = []

  beforeAll(async () => {
    certificate = makeCertificate('localhost')
    server = await startPostgres({ settings: { max_connections: 8, superuser_reserved_connections: 2 } })
    const admin = await clientOf(server.superuserUrl())
    await admin.query(`create role web login; create role capped login connection limit 0;
      create role known login password 'right'; create role nologin nologin`)
    await admin.query('create database small connection limit 0')
    await admin.end()
    pooler = await startPgbouncer(server.port, ['web', 'capped', 'ghost', 'nologin'], {
      pool_mode: 'transaction',
      max_client_conn: 4,
      default_pool_size: 1,
      query_wait_timeout: 1,
      server_login_retry: 1,
    })
    strict = await startPgbouncer(server.port, [], { auth_type: 'plain' }, certificate)
    witness = await followLog(pooler.logFile, { now: Date.now })
  })
  afterEach(async () => {
    await Promise.all(open.map(client => client.end().catch(() => undefined)))
    open = []
    await witness.hear()
  })
  afterAll(async () => {
    await witness?.close()
    await pooler?.stop()
    await strict?.stop()
    await server?.stop()
    certificate?.remove()
  })

  const client = async (user = 'web') => {
    const made = await clientOf(pooler.url(user), 'shop')
    open.push(made)
    return made
  }
  const expectRefusal = async (url: string, failure: Failure, phase: Phase, code: ErrorCode) => {
    const engine = engineOf(url)
    const probe = await engine.probe()
    expect(probe).toMatchObject({ ok: false, failure, phase, native: { code: '08P01' } })
    expect(engine.explain(probe)?.code).toBe(code)
    return probe
  }
  /** What the log says since it was heard last; PgBouncer writes before it answers. */
  const told = async () => (await witness.hear()).failures.map(({ failure, count }) => ({ failure, count }))

  test.each<[string, string, Failure, ErrorCode]>([
    ['nobody', 'postgres', 'authentication-failed', 'denied'],
    ['ghost', 'postgres', 'not-permitted', 'denied'],
    ['nologin', 'postgres', 'not-permitted', 'denied'],
    ['capped', 'postgres', 'role-limit', 'no-free-slot'],
    ['web', 'small', 'database-limit', 'no-free-slot'],
    ['web', 'nowhere', 'database-unknown', 'database-unknown'],
  ])('%s at %s: %s', async (user, database, failure, code) => {
    await expectRefusal(pooler.url(user, database), failure, 'authenticate', code)
    const said = (await witness.hear()).failures
    expect(said).toContainEqual(
      expect.objectContaining({ source: 'pooler', failure, host: '127.0.0.1', count: 1 }),
    )
    expect(JSON.stringify(said.map(({ native }) => native))).not.toContain(user)
  })

  test('full: no more clients', async () => {
    while (open.length < 4) await client()
    await expectRefusal(pooler.url('web'), 'slots-exhausted', 'authenticate', 'no-free-slot')
    expect(await told()).toEqual([SETTINGS_REFUSED, { failure: 'slots-exhausted', count: 1 }])
  })

  test('waiting for a server connection, and given up', async () => {
    await (await client()).query('begin')
    const probe: ProbeResult = await expectRefusal(
      pooler.url('web'),
      'slots-exhausted',
      'query',
      'no-free-slot',
    )
    expect(probe.native?.message).toBe('query_wait_timeout')
    expect(await told()).toEqual([SETTINGS_REFUSED, { failure: 'slots-exhausted', count: 1 }])
  })

  test('the slots of the server behind it', async () => {
    const direct = []
    while (direct.length < 6) direct.push(clientOf(`postgres://web@127.0.0.1:${server.port}/postgres`))
    open.push(...(await Promise.all(direct)))
    await expectRefusal(pooler.url('web', 'template1'), 'reserved-slots-only', 'authenticate', 'no-free-slot')
    const { failures, events, complete } = await witness.hear()
    expect(failures.map(({ failure }) => failure)).toContain('reserved-slots-only')
    expect(events).toContainEqual(expect.objectContaining({ source: 'pgbouncer', kind: 'server-refuses' }))
    expect(complete).toBe(false)
  })

  test('TLS that is required, a password that is wrong', async () => {
    const url = (query: string) => `${strict.url('web:wrong')}?${query}`
    await expectRefusal(url('sslmode=disable'), 'tls-required', 'authenticate', 'tls-failed')
    await expectRefusal(url('sslmode=require'), 'authentication-failed', 'authenticate', 'denied')
  })

  test('the server gone, and the pooler after it', async () => {
    server.signal('SIGQUIT')
    await expect
      .poll(async () => (await engineOf(server.superuserUrl()).probe()).failure)
      .toBe('connection-refused')
    // Who has been to the server before is let in at once, and waits with the first statement.
    await expectRefusal(pooler.url('web'), 'slots-exhausted', 'query', 'no-free-slot')
    await expectRefusal(pooler.url('web', 'other'), 'slots-exhausted', 'authenticate', 'no-free-slot')
    const whole = await readLog(pooler.logFile, { window: EVER, tickMs: 1_000 })
    expect(new Set(whole.events.map(({ kind }) => kind))).toEqual(
      new Set(['pooler-started', 'server-refuses']),
    )
    expect(whole.failures.every(({ source }) => source === 'pooler')).toBe(true)
    process.kill(pooler.pid, 'SIGTERM')
    await expect
      .poll(async () => (await engineOf(pooler.url('web')).probe()).failure)
      .toBe('connection-refused')
    expect((await witness.hear()).events.map(({ kind }) => kind)).toContain('pooler-stopping')
  })
})
