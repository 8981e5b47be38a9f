// Changing a real MySQL or MariaDB on purpose: applied, looked at, taken back, and gone on with after a kill.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sqlOperations } from '../../src/apply/index.ts'
import type { Connection, SqlOperation, Step, Value } from '../../src/model/index.ts'
import { type Applying, applyingTo } from '../kit/apply.ts'
import { type Client, clientOf, engineOf, type MysqlServer, SERVERS, startMysql } from '../kit/mysql.ts'
import { describeWith } from '../kit/require.ts'

const setting = (name: string, after: Value, before?: Value): Step => ({
  actuator: 'sql',
  what: { kind: 'setting', name, needsRestart: false },
  ...(before === undefined ? {} : { before }),
  after,
  reversible: true,
  outage: 'none',
  verify: ['engine'],
})

for (const { name, isMariaDb, program } of SERVERS.filter(one => /^(?:MariaDB 10|MySQL 9)/i.test(one.name)))
  describeWith(name, program !== undefined, () => {
    let server: MysqlServer
    let admin: Client
    let connection: Connection
    const open: Applying[] = []
    beforeAll(async () => {
      server = await startMysql(program!)
      admin = await clientOf(server.adminUrl(), 'admin')
      connection = await engineOf(server.adminUrl()).connect()
    })
    afterAll(async () => {
      for (const one of open) one.remove()
      await connection?.close()
      admin?.destroy()
      await server?.stop()
    })

    const applying = (operations: SqlOperation[]): Applying => {
      const one = applyingTo('mysql', server.adminUrl(), operations)
      open.push(one)
      return one
    }
    const serverHas = async (variable: string): Promise<string> => {
      const [rows] = await admin.query(`select @@global.${variable} as value`)
      return String((rows as { value: unknown }[])[0]?.value)
    }
    const persisted = async (): Promise<unknown> => {
      if (isMariaDb) return []
      const [rows] = await admin.query('select variable_name from performance_schema.persisted_variables')
      return rows
    }

    test('applies, and takes back what was there before', async () => {
      const run = applying(
        await sqlOperations(
          [setting('wait_timeout', 600, 28_800), setting('max_connections', 77)],
          connection,
        ),
      )
      const before = await serverHas('max_connections')
      expect(await run.run()).toMatchObject({ outcome: 'in-place' })
      expect([await serverHas('wait_timeout'), await serverHas('max_connections')]).toEqual(['600', '77'])
      expect(await run.run('never', 'rollback')).toMatchObject({ outcome: 'rolled-back' })
      expect([await serverHas('wait_timeout'), await serverHas('max_connections')]).toEqual(['28800', before])
      expect(await persisted()).toEqual([])
    })

    test('goes on after a kill between any two steps', async () => {
      const operations = await sqlOperations([setting('wait_timeout', 601)], connection)
      for (const place of ['before:2', 'after:2', 'before:3', 'before:4', 'before:5']) {
        const run = applying(operations)
        expect(await run.run(place), place).toBeUndefined()
        expect(await run.run(), place).toMatchObject({ outcome: 'in-place' })
        expect(await serverHas('wait_timeout')).toBe('601')
        expect(await run.run(place, 'rollback'), place).toBeUndefined()
        await run.run('never', 'rollback')
        expect(await serverHas('wait_timeout'), place).toBe('28800')
      }
    })

    test('a value that the server makes another of is taken back', async () => {
      const run = applying(
        await sqlOperations([setting('wait_timeout', 602), setting('connect_timeout', 1)], connection),
      )
      const applied = await run.run()
      // The least is 2; the server says so in a warning only.
      expect(applied).toMatchObject({ outcome: 'rolled-back' })
      expect([await serverHas('wait_timeout'), await serverHas('connect_timeout')]).toEqual(['28800', '10'])
    })

    test('an account at its limit gets one more connection, and its limit is taken back', async () => {
      await admin.query("create user 'web'@'127.0.0.1', 'web'@'localhost' with max_user_connections 2")
      const url = server.adminUrl('').replace(/\/\/.*@/, '//web@')
      const held = [await clientOf(url), await clientOf(url)]
      const code = async () =>
        (
          await clientOf(url).then(
            one => one.end(),
            (error: { code: string }) => error,
          )
        )?.code
      expect(await code()).toBe('ER_USER_LIMIT_REACHED')
      const step: Step = { ...setting('', 4, 2), what: { kind: 'role-limit', role: 'web' } }
      const run = applying(await sqlOperations([step], connection))
      expect(await run.run()).toMatchObject({ outcome: 'in-place' })
      expect(await code()).toBeUndefined()
      expect(await run.run('never', 'rollback')).toMatchObject({ outcome: 'rolled-back' })
      expect(await code()).toBe('ER_USER_LIMIT_REACHED')
      for (const one of held) one.destroy()
    })

    test('the limit of an account that has none of its own goes away again', async () => {
      await admin.query("create user 'batch'@'%'")
      const ofAccount = async () => {
        const [rows] = await admin.query(
          "select max_user_connections as most from mysql.user where user = 'batch'",
        )
        return Number((rows as { most: unknown }[])[0]?.most)
      }
      const step = (after: number, role = 'batch'): Step => ({
        ...setting('', after),
        what: { kind: 'role-limit', role },
      })
      const run = applying(await sqlOperations([step(7)], connection))
      expect(await run.run()).toMatchObject({ outcome: 'in-place' })
      expect(await ofAccount()).toBe(7)
      expect(await run.run('never', 'rollback')).toMatchObject({ outcome: 'rolled-back' })
      expect(await ofAccount()).toBe(0)
      await expect(sqlOperations([step(7, 'nobody')], connection)).rejects.toMatchObject({
        code: 'setting-unknown',
      })
      await admin.query("create user 'batch'@'localhost' with max_user_connections 3")
      await expect(sqlOperations([step(7)], connection)).rejects.toMatchObject({ code: 'step-refused' })
      const database: Step = { ...step(7), what: { kind: 'database-limit', database: 'shop' } }
      await expect(sqlOperations([database], connection)).rejects.toMatchObject({ code: 'step-refused' })
    })

    test('what the server does not know or take is refused', async () => {
      await expect(sqlOperations([setting('no_such_thing', 1)], connection)).rejects.toMatchObject({
        code: 'setting-unknown',
      })
      await expect(sqlOperations([setting('a; drop', 1)], connection)).rejects.toMatchObject({
        code: 'setting-unknown',
      })
      const role: Step = {
        ...setting('', 1),
        what: { kind: 'role-setting', role: 'app', name: 'wait_timeout' },
      }
      await expect(sqlOperations([role], connection)).rejects.toMatchObject({ code: 'step-refused' })
      const run = applying(await sqlOperations([setting('wait_timeout', 'soon')], connection))
      expect(await run.run()).toMatchObject({ outcome: 'rolled-back' })
      expect(await serverHas('wait_timeout')).toBe('28800')
    })
  })
