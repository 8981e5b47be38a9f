// How far a real replica is behind the server that it follows.
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Connection } from '../../src/model/index.ts'
import {
  AVAILABLE,
  clientOf,
  engineOf,
  type PostgresServer,
  sampleUntil,
  startPostgres,
} from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

describeWith('PostgreSQL', AVAILABLE.size > 0, () => {
  let server: PostgresServer
  let stop: () => Promise<void>
  let writer: pg.Client
  let reader: pg.Client
  let held: Connection
  beforeAll(async () => {
    server = await startPostgres({
      settings: { wal_level: 'replica', max_wal_senders: 2 },
      hba: ['host replication postgres 127.0.0.1/32 scram-sha-256'],
    })
    const replica = await server.replica!()
    stop = replica.stop
    const url = server.superuserUrl().replace(`:${server.port}/`, `:${replica.port}/`)
    writer = await clientOf(server.superuserUrl())
    await writer.query('create table note (n int)')
    reader = await clientOf(url)
    held = await engineOf(url).connect()
  })
  afterAll(async () => {
    await held?.close()
    await reader?.end()
    await writer?.end()
    await stop?.()
    await server?.stop()
  })

  test('is told by the replica, ends when it has caught up, and is nothing to the writer', async () => {
    await sampleUntil(held, ({ signals }) => signals.replica_lag_s === 0)
    await reader.query('select pg_wal_replay_pause()')
    const write = () => writer.query('insert into note values (1)')
    await sampleUntil(held, ({ signals }) => (signals.replica_lag_s ?? 0) > 1, write)
    await reader.query('select pg_wal_replay_resume()')
    await sampleUntil(held, ({ signals }) => signals.replica_lag_s === 0)

    const ofWriter = await engineOf(server.superuserUrl()).connect()
    const { signals } = await ofWriter.sample()
    expect(signals).not.toHaveProperty('replica_lag_s')
    await ofWriter.close()
  })
})
