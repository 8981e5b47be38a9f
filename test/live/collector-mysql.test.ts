// The last slot of every MySQL and MariaDB is left to those who need it.
import { expect, test } from 'vitest'
import { clientOf, engineOf, SERVERS, startMysql } from '../kit/mysql.ts'
import { describeWith } from '../kit/require.ts'
import { expectLastSlotIsLeft } from '../kit/room.ts'

for (const { name, program } of SERVERS) {
  describeWith(`${name} with one slot left`, program !== undefined, () => {
    test('Spillway leaves it; an attempt comes from where it should', async () => {
      const max = 12
      const server = await startMysql(program!, { settings: { max_connections: max } })
      const admin = await clientOf(server.adminUrl(), 'admin')
      try {
        await admin.query("create user app@'%' identified by 'secret'")
        await admin.query("grant process on *.* to app@'%'")
        await admin.query("grant select on performance_schema.* to app@'%'")
        const url = `mysql://app:secret@127.0.0.1:${server.port}/`
        await expectLastSlotIsLeft(engineOf(url), max, 1, 'reserved-slots-only', async () => {
          const one = await clientOf(url)
          return () => one.end()
        })
        // An account of one address shows from where the server sees an attempt.
        await admin.query("create user placed@'127.0.0.2' identified by 'secret'")
        const { probe } = engineOf(url.replace('app', 'placed'))
        expect(await probe(undefined, '127.0.0.2')).toMatchObject({ ok: true, from: '127.0.0.2' })
        expect(await probe(undefined, '127.0.0.3')).toMatchObject({ ok: false, from: '127.0.0.3' })
      } finally {
        await admin.end()
        await server.stop()
      }
    })
  })
}
