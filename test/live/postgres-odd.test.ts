// What a sample must survive: text of any size and encoding, names of any kind, roles that see little, crowds, sudden ends.

import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../src/engine/postgres/connect.ts'
import { postgresTarget } from '../../src/engine/postgres/index.ts'
import type { Connection, Sample } from '../../src/model/index.ts'
import {
  AVAILABLE,
  byId,
  clientOf,
  engineOf,
  type PostgresServer,
  sampleUntil,
  startPostgres,
} from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

const CROWD = 200
const MEGABYTE = 1_048_576
/** The most that 12 keeps of a statement. */
const KEPT_BY_12 = 102_400

describeWith('PostgreSQL', AVAILABLE.size > 0, () => {
  describe.each([...AVAILABLE].filter(major => [12, 15, 18].includes(major)))('%i', major => {
    let server: PostgresServer
    let watcher: Connection

    beforeAll(async () => {
      const settings = {
        max_connections: CROWD + 20,
        track_activity_query_size: major >= 13 ? MEGABYTE : KEPT_BY_12,
        shared_buffers: '32MB',
      }
      server = await startPostgres({ major, settings })
      const admin = await clientOf(server.superuserUrl())
      await admin.query('create role plain login')
      for (const encoding of ['SQL_ASCII', 'EUC_JP'])
        await admin.query(
          `create database "${encoding}" template template0 encoding '${encoding}' lc_collate 'C' lc_ctype 'C'`,
        )
      await admin.end()
      watcher = await engineOf(server.superuserUrl()).connect()
    })
    afterEach(async () => {
      // Some are asleep in a statement.
      const admin = await clientOf(server.superuserUrl(), 'admin')
      await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid() and application_name <> 'spillway'`)
      for (;;) {
        const { rows } = await admin.query<{
          left: number
        }>(`select count(*)::int as left from pg_stat_activity
          where backend_type = 'client backend' and pid <> pg_backend_pid() and application_name <> 'spillway'`)
        if (rows[0]!.left === 0) break
      }
      await admin.end()
    })
    afterAll(async () => {
      await watcher?.close()
      await server?.stop()
    })

    const open = async (application: string, url = server.superuserUrl()) => {
      const client = await clientOf(url, application)
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
      return { client, pid: rows[0]!.pid }
    }
    const sleeping = async (sql: string, url = server.superuserUrl()) => {
      const one = await open('sleeper', url)
      one.client.query(sql).catch(() => undefined)
      return one
    }
    const seen = (pid: number) => (sample: Sample) => byId(sample, pid)?.waitEvent === 'PgSleep'

    test('a statement of a megabyte is cut, and no literal of it is told', async () => {
      const { pid } = await sleeping(`select pg_sleep(60), '${'secret '.repeat(MEGABYTE / 7)}'`)
      const session = byId(await sampleUntil(watcher, seen(pid)), pid)
      expect(session?.statement?.length).toBeLessThanOrEqual(1_000)
      expect(session?.statement).not.toContain('secret')
    })

    test.each([
      ['of another encoding, from a database of a third', 'EUC_JP', 'postgres', Buffer.from('€')],
      ['of no encoding', 'postgres', 'SQL_ASCII', Buffer.from([0xff, 0xc3, 0x20, 0xe2])],
      ['of no encoding, seen from there', 'SQL_ASCII', 'SQL_ASCII', Buffer.from([0xff, 0xc3, 0x20, 0xe2])],
    ])('text %s', async (_, from, of, bytes) => {
      const { client, pid } = await open('sleeper', server.superuserUrl(of))
      if (of === 'SQL_ASCII') await client.query('set client_encoding to sql_ascii')
      client.connection.stream.write(
        queryMessage(Buffer.concat([Buffer.from('select pg_sleep(60) as "'), bytes, Buffer.from('"')])),
      )
      const other = await engineOf(server.superuserUrl(from)).connect()
      const sample = await sampleUntil(other, seen(pid))
      expect(byId(sample, pid)).toMatchObject({ state: 'active', application: 'sleeper', database: of })
      expect((await other.sample()).signals.aas).toBe(1)
      await other.close()
    })

    test('names of applications reach nobody as control characters', async () => {
      const name = '<b>\u001b[31m&"\u0007</b>'
      await open(name)
      const { idle } = await watcher.sample()
      const told = idle
        .map(({ application }) => application)
        .find(application => application?.startsWith('<b>'))
      expect(told).toMatch(/^<b>[^\p{Cc}]*<\/b>$/u)
    })

    test(`${CROWD} sessions that come and go`, async () => {
      const before = (await watcher.sample()).signals.connections!
      const crowd = await Promise.all(Array.from({ length: CROWD }, (_, i) => open(`pool ${i % 4}`)))
      const full = await watcher.sample()
      expect(full.signals).toMatchObject({
        connections: before + CROWD,
        connections_idle: before - 1 + CROWD,
      })
      expect(full.idle.filter(({ count }) => count === CROWD / 4)).toHaveLength(4)
      for (const { client } of crowd.slice(0, 100)) await client.query('begin')
      expect((await watcher.sample()).signals.connections_idle_in_transaction).toBe(100)
      await Promise.all(crowd.slice(50).map(({ client }) => client.end()))
      const left = await sampleUntil(watcher, ({ signals }) => signals.connections === before + 50)
      expect(left.signals).toMatchObject({
        connections_idle_in_transaction: 50,
        connections_idle: before - 1,
      })
    })

    test('what a session is after each of its statements', async () => {
      const { client, pid } = await open('worker')
      // The driver tells of an error before the server is ready for more, and until then it is at work.
      const ended = async (sql: string) => {
        const ready = once(client, 'drain')
        await client.query(sql).catch(() => undefined)
        await ready
      }
      const stateAfter = async (sql: string) => {
        await ended(sql)
        return byId(await watcher.sample(), pid)?.state ?? 'idle'
      }
      expect(await stateAfter('begin')).toBe('idle in transaction')
      expect(await stateAfter('select 1/0')).toBe('idle in transaction (aborted)')
      expect(await stateAfter('select 1')).toBe('idle in transaction (aborted)')
      expect(await stateAfter('rollback')).toBe('idle')
      // A statement that is older than the last sample, and aborts: known one sample late.
      await client.query('begin')
      const fails = ended(`do $$ begin perform pg_sleep(0.2); raise 'no'; end $$`)
      await sampleUntil(watcher, seen(pid))
      await fails
      await watcher.sample()
      expect(byId(await watcher.sample(), pid)?.state).toBe('idle in transaction (aborted)')
      expect(await stateAfter('rollback')).toBe('idle')
    })

    test('a role that sees little sees who is there', async () => {
      const plain = await engineOf(`postgres://plain@127.0.0.1:${server.port}/postgres`).connect()
      expect(plain.facts.seesAll).toBe(false)
      const first = await open('first')
      expect(byId(await plain.sample(), first.pid)).toMatchObject({ state: 'unknown', application: 'first' })
      const second = await open('second')
      await first.client.end()
      const sample = await sampleUntil(plain, one => byId(one, first.pid) === undefined)
      expect(byId(sample, second.pid)).toMatchObject({
        state: 'unknown',
        application: 'second',
        user: 'postgres',
      })
      await plain.close()
    })

    test('without statements by name', async () => {
      const target = postgresTarget(server.superuserUrl(), {})
      const options = { connectMs: 5_000, statementMs: 2_000, prepared: false }
      const unnamed = await connect(target, options, undefined)
      const { pid } = await sleeping('select pg_sleep(60)')
      expect(byId(await sampleUntil(unnamed, seen(pid)), pid)).toMatchObject({ state: 'active' })
      await unnamed.close()
    })

    test('a server that ends in the middle of a sample: one word, and no other sample', async () => {
      const own = await startPostgres({ major })
      const connection = await engineOf(own.superuserUrl()).connect()
      const sampling = (async () => {
        for (;;) await connection.sample()
      })()
      own.signal('SIGQUIT')
      await expect(sampling).rejects.toMatchObject({ code: 'connection-lost' })
      expect(connection.closed).toBe(true)
      await expect(connection.sample()).rejects.toMatchObject({ code: 'connection-lost' })
      await own.stop()
    })
  })
})

/** A simple query of any bytes: the driver sends only what is text. */
const queryMessage = (sql: Buffer): Buffer => {
  const head = Buffer.from([0x51, 0, 0, 0, 0])
  head.writeInt32BE(4 + sql.length + 1, 1)
  return Buffer.concat([head, sql, Buffer.from([0])])
}
