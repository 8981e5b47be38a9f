// Failed connections of other clients, by host, as the servers' own counters and host cache tell.
import { once } from 'node:events'
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net'
import { expect, test } from 'vitest'
import type { Failure } from '../../src/model/index.ts'
import { clientOf, engineOf, expectRefusal, type MysqlServer, SERVERS, startMysql } from '../kit/mysql.ts'
import { sampleUntil } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

for (const { name, program, isMariaDb } of SERVERS) {
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
        expect(broken.failures).toContainEqual(
          expect.objectContaining({ failure: 'connection-reset', source: 'counter', host: '127.0.0.3' }),
        )
        const blocked = server.adminUrl().replace(`:${server.port}`, `:${relay.port}`)
        await expectRefusal(blocked, 'host-blocked', 'authenticate', 'denied', '1129')
        const later = await hearing('host-blocked')
        expect(later.failures?.map(({ host }) => host)).toContain('127.0.0.3')
        await watcher.close()
      } finally {
        await relay.close()
        await server.stop()
      }
    })

    test('the cache and the probe have the same word', async () => {
      const server = await startMysql(program!, { settings: { performance_schema: 'ON' } })
      const relay = await relayFrom('127.0.0.3', server)
      const watcher = await engineOf(server.adminUrl()).connect()
      const admin = await clientOf(server.adminUrl())
      await admin.query("create user capped@'%' identified by 'right' with max_user_connections 1")
      const at = (login: string, database: string) => `mysql://${login}@127.0.0.1:${relay.port}/${database}`
      const holder = await clientOf(at('capped:right', ''))
      try {
        await watcher.sample()
        for (const [url, word] of [
          [at('capped:wrong', ''), 'authentication-failed'],
          [at('capped:right', ''), 'role-limit'],
          [server.adminUrl('nowhere').replace(`:${server.port}`, `:${relay.port}`), 'database-unknown'],
        ] as const) {
          expect(await engineOf(url).probe()).toMatchObject({ failure: word })
          // MariaDB's cache has no count of it: it is left among the aborted ones.
          const isCounted = !(isMariaDb && word === 'database-unknown')
          const failure: Failure = isCounted ? word : 'unclassified'
          const { failures } = await sampleUntil(watcher, ({ failures: told = [] }) =>
            told.some(one => one.failure === failure),
          )
          const from = isCounted ? { host: '127.0.0.3' } : {}
          expect(failures).toContainEqual(
            expect.objectContaining({ failure, source: 'counter', ...from, count: 1 }),
          )
        }
      } finally {
        await watcher.close()
        await Promise.all([holder, admin].map(client => client.end()))
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
