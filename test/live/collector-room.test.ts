// The last slots of a PostgreSQL server, of its role and of its reserve are left to those who need them.
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AVAILABLE, clientOf, engineOf, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { expectLastSlotIsLeft } from '../kit/room.ts'
import { observe } from '../kit/watch.ts'

describeWith('PostgreSQL with one slot left', AVAILABLE.size > 0, () => {
  const [max, reserved] = [14, 3]
  let server: PostgresServer
  let admin: pg.Client
  const url = (user: string) => `postgres://${user}@127.0.0.1:${server.port}/postgres`
  const client = async () => {
    const one = await clientOf(url('app'))
    return () => one.end()
  }
  beforeAll(async () => {
    const settings = { max_connections: max, superuser_reserved_connections: reserved }
    server = await startPostgres({ settings })
    admin = await clientOf(server.superuserUrl(), 'admin')
    await admin.query('create role app login; grant pg_monitor to app')
  })
  afterAll(async () => {
    await admin?.end()
    await server?.stop()
  })

  test('Spillway leaves it', () =>
    expectLastSlotIsLeft(engineOf(url('app')), max - reserved, 1, 'reserved-slots-only', client))

  test('a superuser leaves the last reserved one as well', async () => {
    const watched = observe(engineOf(server.superuserUrl()))
    await watched.until(({ probes }) => probes.some(({ ok }) => ok))
    // The admin and the held connection have one each.
    const ends = await Promise.all(Array.from({ length: max - reserved - 2 }, client))
    await watched.until(({ heldBack }) => heldBack !== undefined)
    const from = watched.seen.length
    await watched.until(() => watched.seen.length >= from + 4)
    expect(watched.seen.slice(from).flatMap(({ probes }) => probes)).toEqual([])
    await watched.stop()
    await Promise.all(ends.map(end => end()))
  })

  test('of a shared role the last connection is left, too', async () => {
    await admin.query('alter role app connection limit 5')
    try {
      await expectLastSlotIsLeft(engineOf(url('app')), 5, 0, 'role-limit', client)
    } finally {
      await admin.query('alter role app connection limit -1')
    }
  })
})
