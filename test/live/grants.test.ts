// The role that `grants` prints, made exactly so on a real server: everything works with it, and it can write nothing.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresEngine, postgresTarget } from '../../src/engine/postgres/index.ts'
import type { Connection } from '../../src/model/index.ts'
import { AVAILABLE, clientOf, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

const engineAt = (url: string) => postgresEngine(postgresTarget(url, {}))

describeWith('PostgreSQL', AVAILABLE.size > 0, () => {
  describe.each([...AVAILABLE.keys()])('%s', major => {
    let server: PostgresServer
    let connection: Connection
    const url = () => `postgres://watcher@127.0.0.1:${server.port}/postgres`

    beforeAll(async () => {
      server = await startPostgres({ major: Number(major) })
      const admin = await engineAt(server.superuserUrl()).connect()
      const commands = admin.grants('watcher')
      await admin.close()
      const client = await clientOf(server.superuserUrl())
      await client.query('create table public.precious (n int)')
      for (const command of commands) await client.query(command)
      await client.end()
      connection = await engineAt(url()).connect()
    })
    afterAll(async () => {
      await connection?.close()
      await server?.stop()
    })

    test('sees every session, and its attempts succeed', async () => {
      expect(connection.facts.seesAll).toBe(true)
      expect((await connection.sample()).sessions).toBeInstanceOf(Array)
      expect(await engineAt(url()).probe()).toMatchObject({ ok: true })
    })

    test.each([
      'create table t (n int)',
      'insert into public.precious values (1)',
      'drop table public.precious',
      'create role evil',
      "alter system set work_mem = '1GB'",
    ])('cannot %s', async sql => {
      const client = await clientOf(url())
      const refused = await client.query(sql).catch((error: { code?: string }) => error.code)
      await client.end()
      // 42501: no privilege; 25006: the transaction is read-only.
      expect(['42501', '25006']).toContain(refused)
    })
  })
})
