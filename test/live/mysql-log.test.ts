// Failures of other clients out of the error log of real servers, whole and as it grows.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mysqlReader } from '../../src/engine/mysql/index.ts'
import { postgresReader } from '../../src/engine/postgres/index.ts'
import { firstOf, follow, read } from '../../src/log/index.ts'
import type { FailureCount, Testimony, Witness } from '../../src/model/index.ts'
import { clientOf, type MysqlServer, SERVERS, startMysql } from '../kit/mysql.ts'
import { describeWith } from '../kit/require.ts'

const SECRET = 'hunter2-is-secret'
const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER }
const NOTES = { mariadb: { log_warnings: 2 }, mysql: { log_error_verbosity: 3 } }

for (const { name, program, isMariaDb } of SERVERS) {
  describeWith(`${name} and its error log`, program !== undefined, () => {
    let server: MysqlServer
    let file: string
    let since: number
    const url = (login: string, database = '') => `mysql://${login}@127.0.0.1:${server.port}/${database}`
    const make = firstOf([mysqlReader(), postgresReader()])

    beforeAll(async () => {
      since = Date.now()
      server = await startMysql(program!, { settings: NOTES[isMariaDb ? 'mariadb' : 'mysql'] })
      file = server.logFile!
      const admin = await clientOf(server.adminUrl())
      for (const statement of ['create database app', `create user app@'%' identified by '${SECRET}'`])
        await admin.query(statement)
      await admin.query("grant all on app.* to app@'%'")
      await admin.end()
    })
    afterAll(() => server?.stop())

    /** The server writes a moment after the client has heard. */
    const until = async (ask: () => Promise<Testimony>, count: number): Promise<FailureCount[]> => {
      const told: FailureCount[] = []
      for (const deadline = performance.now() + 5_000; performance.now() < deadline; ) {
        told.push(...(await ask()).failures)
        if (told.length >= count) break
      }
      return told
    }

    test('who was refused, and whose session ended without a word', async () => {
      const witness: Witness = await follow(file, make, () => Date.now())
      await expect(clientOf(url('app:wrong-secret'))).rejects.toThrow()
      await expect(clientOf(url(`app:${SECRET}`, 'nowhere'))).rejects.toThrow()
      const client = await clientOf(url(`app:${SECRET}`, 'app'))
      client.destroy()
      const followed = await until(() => witness.hear(), 3)
      await witness.close()
      const whole = await read(file, make, { window: EVER, tickMs: 1_000 })
      for (const told of [followed, whole.failures]) {
        expect(told.map(({ failure, user, database }) => [failure, user, database])).toEqual([
          ['authentication-failed', 'app', undefined],
          ['not-permitted', 'app', 'nowhere'],
          ['connection-reset', 'app', 'app'],
        ])
        expect(JSON.stringify(told)).not.toContain('secret')
        for (const { t } of told) expect(t).toBeGreaterThanOrEqual(since - 1_000)
      }
      // It does not name who found no slot: that it names nobody proves nothing.
      expect(whole.complete).toBe(false)
      expect(whole.events.map(({ kind }) => kind)).toContain('server-ready')
    })
  })
}
