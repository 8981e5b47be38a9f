// How far a real replica of MySQL or MariaDB is behind the server that it follows.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Connection } from '../../src/model/index.ts'
import { type Client, clientOf, engineOf, type MysqlServer, SERVERS, startMysql } from '../kit/mysql.ts'
import { sampleUntil } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

/** Seconds that the replica waits before it does what its source did. */
const DELAY_S = 60

for (const { name, isMariaDb, program } of SERVERS) {
  describeWith(`A replica of ${name}`, program !== undefined, () => {
    const servers: MysqlServer[] = []
    const clients: Client[] = []
    let held: Connection
    beforeAll(async () => {
      for (const server_id of [1, 2]) {
        const server = await startMysql(program!, { settings: { server_id, log_bin: 'log', sync_binlog: 0 } })
        servers.push(server)
        clients.push(await clientOf(server.adminUrl()))
      }
      await clients[0]!.query('create database app')
      await clients[0]!.query('create table app.t (n int primary key auto_increment)')
      const { port, password } = new URL(servers[0]!.adminUrl())
      const of = isMariaDb ? 'master' : 'source'
      const key = isMariaDb ? '' : `, get_source_public_key = 1`
      await clients[1]!.query(`change ${isMariaDb ? 'master' : 'replication source'} to ${of}_host = '127.0.0.1',
        ${of}_port = ${port}, ${of}_connect_retry = 1, ${of}_user = 'admin', ${of}_password = '${decodeURIComponent(password)}'${key}`)
      await follow(0)
      held = await engineOf(servers[1]!.adminUrl()).connect()
    })
    afterAll(async () => {
      await held?.close()
      for (const client of clients) await client.end()
      for (const server of servers) await server.stop()
    })

    const follow = async (delay: number) => {
      const [first, of] = isMariaDb ? ['master', 'master'] : ['replication source', 'source']
      for (const command of ['stop replica', `change ${first} to ${of}_delay = ${delay}`, 'start replica'])
        await clients[1]!.query(command)
    }

    test('is told by the replica, and is nothing to its source', async () => {
      const { sessions } = await sampleUntil(held, ({ signals }) => signals.replica_lag_s === 0)
      // Its own threads are nobody's sessions, whatever they are called.
      expect(sessions).toEqual([])
      await follow(DELAY_S)
      const write = () => clients[0]!.query('insert into app.t values ()')
      await sampleUntil(held, ({ signals }) => (signals.replica_lag_s ?? 0) > 1, write)
      await follow(0)
      await sampleUntil(held, ({ signals }) => signals.replica_lag_s === 0)

      const ofSource = await engineOf(servers[0]!.adminUrl()).connect()
      const { signals } = await ofSource.sample()
      expect(signals).not.toHaveProperty('replica_lag_s')
      await ofSource.close()
    })
  })
}
