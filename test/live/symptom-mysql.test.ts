// Errors of real MySQL and MariaDB servers are told as what they are; the SQL advised runs on both.
import { inspect } from 'node:util'
import mysql from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { programOf, WANTED } from '../../src/lab/mysql/program.ts'
import { type MysqlServer, startMysql } from '../../src/lab/mysql/server.ts'
import { ADVICE } from '../../src/symptom/advice.ts'
import { explainError } from '../../src/symptom/index.ts'
import { describeWith } from '../kit/require.ts'

interface MysqlError extends Error {
  code: string
  errno?: number
  sqlState?: string
}

for (const wanted of WANTED) {
  const program = programOf(wanted)
  const { product } = wanted
  const sqls = Object.values(ADVICE)
    .flatMap(({ next, nextOn }) => [...next, ...(nextOn?.[product] ?? [])])
    .flatMap(({ by, text }) => (by === 'sql' ? [text] : []))

  describeWith(`Symptoms of ${wanted.name}`, program !== undefined, () => {
    let server: MysqlServer
    let opened: mysql.Connection[] = []
    const open = async (user: string, password = 'right', database?: string) => {
      const { host, port } = server
      const connection = await mysql.createConnection({
        host,
        port,
        user,
        password,
        ...(database ? { database } : {}),
      })
      connection.on('error', () => undefined)
      opened.push(connection)
      return connection
    }
    const admin = async () => {
      const connection = await mysql.createConnection(server.adminUrl())
      opened.push(connection)
      return connection
    }
    const failing = async (work: Promise<unknown>): Promise<MysqlError> =>
      work.then(
        () => expect.unreachable('it worked'),
        (reason: MysqlError) => reason,
      )

    /** As Node.js prints it, as JSON, and as the mysql client would. */
    const expectTold = ({ stack, ...error }: MysqlError, message: string, id: string) => {
      const { code, errno, sqlState } = error
      const texts = [`${stack} ${inspect(error)}`, JSON.stringify({ ...error, message })]
      if (errno) texts.push(`ERROR ${errno} (${sqlState || 'HY000'}): ${message}`)
      for (const text of texts) expect(explainError(text)[0]?.id, text).toBe(id)
      expect(explainError(code).map(explanation => explanation.id)).toContain(id)
    }
    const told = async (work: Promise<unknown>, id: string) => {
      const error = await failing(work)
      expectTold(error, error.message, id)
    }

    beforeAll(async () => {
      server = await startMysql(program!, { settings: { max_connections: 10 } })
      const connection = await admin()
      for (const sql of [
        "create user app@'%' identified by 'right'",
        "create user capped@'%' identified by 'right' with max_user_connections 1",
        'create database shop',
        'create table shop.hot (id int primary key)',
        'insert into shop.hot values (1)',
        "grant select, update on shop.* to app@'%'",
      ]) {
        await connection.query(sql)
      }
    })
    afterEach(async () => {
      const ending = opened.map(connection => connection.end().catch(() => undefined))
      opened = []
      await Promise.all(ending)
    })
    afterAll(() => server?.stop())

    test('a wrong password', () => told(open('app', 'wrong'), 'auth.my.1045'))
    test('a database without rights', () => told(open('app', 'right', 'mysql'), 'auth.my.1044'))
    test('a database that is not there', async () => {
      const connection = await admin()
      await told(connection.query('use nowhere'), 'auth.my.1049')
    })

    test('the limit of an account', async () => {
      await open('capped')
      await told(open('capped'), 'slots.my.1226')
    })

    test('no slot for a user, then none at all', async () => {
      await admin()
      const first = await fill(() => open('app'))
      expectTold(first, first.message, 'slots.my.1040')
      const last = await fill(admin)
      expectTold(last, last.message, 'slots.my.1040.hard')
    })

    const fill = async (one: () => Promise<unknown>): Promise<MysqlError> => {
      for (;;) {
        const error = await one().then(
          () => undefined,
          (reason: MysqlError) => reason,
        )
        if (error) return error
      }
    }

    test('a row that somebody keeps', async () => {
      const [holder, waiter] = [await open('app'), await open('app')]
      await holder.query('begin')
      await holder.query('update shop.hot set id = 1')
      await waiter.query('set innodb_lock_wait_timeout = 1')
      await told(waiter.query('update shop.hot set id = 1'), 'stmt.my.1205')
    })

    test.each(sqls)('%s', async sql => {
      const connection = await admin()
      const [, fields] = await connection.query(sql)
      expect(fields.length).toBeGreaterThan(0)
    })
  })
}
