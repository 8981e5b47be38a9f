// PgBouncer seen through its console: full, waiting, paused, behind a server that is full, and not PgBouncer at all.
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { pgbouncer } from '../../src/engine/pgbouncer/index.ts'
import { openConsole, postgresTarget } from '../../src/engine/postgres/index.ts'
import { hasPgbouncer, type Pgbouncer, startPgbouncer } from '../../src/lab/postgres/pgbouncer.ts'
import type { EvidenceEvent } from '../../src/model/index.ts'
import { silentPeer } from '../cli/kit.ts'
import { AVAILABLE, clientOf, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

type Witness = ReturnType<typeof pgbouncer>

/** Reads without a pause in between: time moves at the pace of the test. */
const witnessOf = (url: string): Witness => {
  const target = postgresTarget(url, {})
  return pgbouncer({ name: target.name, open: signal => openConsole(target, signal), now: Date.now })
}

/** Listens until an event of that kind is heard. */
const heard = async (witness: Witness, kind: string): Promise<EvidenceEvent> => {
  const all: EvidenceEvent[] = []
  for (const deadline = performance.now() + 10_000; performance.now() < deadline; ) {
    all.push(...(await witness.hear()).events)
    const found = all.find(event => event.kind === kind)
    if (found) return found
  }
  throw new Error(`not heard: ${JSON.stringify([all, await witness.look()])}`)
}

describeWith('PgBouncer', hasPgbouncer() && AVAILABLE.size > 0, () => {
  let server: PostgresServer
  let pooler: Pgbouncer
  let open: pg.Client[] = []
  let witness: Witness

  beforeAll(async () => {
    server = await startPostgres({ settings: { max_connections: 10, superuser_reserved_connections: 2 } })
    const admin = await clientOf(server.superuserUrl())
    await admin.query('create role web login; create role api login connection limit 1')
    await admin.end()
    pooler = await startPgbouncer(server.port, ['web', 'api'], {
      pool_mode: 'transaction',
      max_client_conn: 6,
      default_pool_size: 2,
      query_wait_timeout: 60,
      server_login_retry: 1,
    })
    witness = witnessOf(pooler.consoleUrl)
  })
  afterEach(async () => {
    await Promise.all(open.map(client => client.end()))
    open = []
  })
  afterAll(async () => {
    await witness?.close()
    await pooler?.stop()
    await server?.stop()
  })

  const client = async (user = 'web', database?: string) => {
    const made = await clientOf(pooler.url(user, database), 'shop')
    open.push(made)
    return made
  }

  test('pools, limits and clients as they are', async () => {
    const idle = await client()
    const busy = await client()
    await idle.query('select 1')
    await busy.query('begin')
    const { pools, clients, databases, waitTimeoutMs } = await witness.look()
    expect(pools).toHaveLength(1)
    expect(pools[0]).toMatchObject({
      database: 'postgres',
      user: 'web',
      mode: 'transaction',
      size: 2,
      waitMsMax: 0,
    })
    expect(pools[0]!.clients).toEqual({ active: 2, waiting: 0 })
    expect(pools[0]!.servers.active).toBe(1)
    // The console is a client too.
    expect(clients).toEqual({ used: 3, max: 6 })
    expect(databases.get('postgres')).toMatchObject({ size: 2, paused: false, disabled: false })
    expect(waitTimeoutMs).toBe(60_000)
    expect((await witness.hear()).events).toEqual([])
  })

  test('waiting for a server connection, and over', async () => {
    const holders = [await client(), await client()]
    for (const holder of holders) await holder.query('begin')
    const late = await client()
    const answer = late.query('select 1')
    const event = await heard(witness, 'pool-exhausted')
    expect(event.message).toContain('postgres/web')
    const { pools, waitMsTotal } = await witness.look()
    expect(pools[0]).toMatchObject({
      clients: { active: 2, waiting: 1 },
      servers: { active: 2, idle: 0, all: 2 },
    })
    expect(pools[0]!.waitMsMax).toBeGreaterThanOrEqual(500)
    await holders[0]!.query('commit')
    await answer
    await heard(witness, 'over')
    expect((await witness.look()).waitMsTotal - waitMsTotal).toBeGreaterThanOrEqual(500)
  })

  test('the queue says who waits', async () => {
    const fresh = witnessOf(pooler.consoleUrl)
    const holders = [await client(), await client()]
    for (const holder of holders) await holder.query('begin')
    const late = await client()
    const answer = late.query('select 1')
    const event = await heard(fresh, 'queue')
    expect(event.message).toContain('1 clients of web from 127.0.0.1 (database postgres, application shop)')
    for (const holder of holders) await holder.query('commit')
    await answer
    await fresh.close()
  })

  test('full: the next client is refused, and the console knows', async () => {
    while (open.length < 5) await client()
    const event = await heard(witness, 'clients-at-limit')
    expect(event.message).toContain('6 of 6')
    await expect(client()).rejects.toThrow('no more connections allowed')
    const late = witnessOf(pooler.consoleUrl)
    expect((await late.look()).clients.used).toBeGreaterThanOrEqual(6)
    await late.close()
  })

  test('the server refuses the pooler', async () => {
    const first = await client('api')
    await first.query('begin')
    const late = await client('api')
    const answer = late.query('select 1')
    const event = await heard(witness, 'server-refuses')
    expect(event.message).toContain('1 of 2 server connections')
    await first.query('commit')
    await answer
  })

  test('paused', async () => {
    const admin = await openConsole(postgresTarget(pooler.consoleUrl, {}))
    await admin.ask('PAUSE postgres')
    await heard(witness, 'paused')
    await admin.ask('RESUME postgres')
    await heard(witness, 'over')
    await admin.close()
  })

  test.each([
    ['a database that is none of the console', () => pooler.url('web'), 'not-this-engine'],
    ['a user who may not use it', () => pooler.consoleUrl.replace('admin@', 'web@'), 'denied'],
    ['PostgreSQL itself', () => server.superuserUrl(), 'not-this-engine'],
  ] as const)('%s', async (_, url, code) => {
    const other = witnessOf(url())
    await expect(other.look()).rejects.toMatchObject({ code })
    const { events } = await other.hear()
    expect(events.map(({ kind }) => kind)).toEqual(['unreachable'])
    // Not tried again at once, and not said again.
    expect((await other.hear()).events).toEqual([])
    await other.close()
  })

  test('a stopped pooler meets the deadline, and is found again', async () => {
    const other = witnessOf(pooler.consoleUrl)
    await other.look()
    process.kill(pooler.pid, 'SIGSTOP')
    try {
      await expect(other.look()).rejects.toMatchObject({ code: 'no-answer' })
    } finally {
      process.kill(pooler.pid, 'SIGCONT')
    }
    expect((await other.look()).clients.max).toBe(6)
    await other.close()
  })

  test('somebody who never answers', async () => {
    const peer = await silentPeer()
    const other = witnessOf(`postgres://admin@127.0.0.1:${peer.port}/pgbouncer`)
    await expect(other.look()).rejects.toMatchObject({ code: 'no-answer' })
    await other.close()
    await peer.close()
  })
})
