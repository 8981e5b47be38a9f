// MySQL and MariaDB servers with a crowd of sessions, for benches. They are started by the kit of the tests, in TypeScript.
import { fileURLToPath } from 'node:url'
import mysql from 'mysql2/promise'
import { createViteServer } from 'vitest/node'
import { mysqlEngine, mysqlTarget } from '../../dist/engine/mysql/index.js'

/** The modules of the test kit; `close` when they are not needed any more. */
export const testKit = async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const vite = await createViteServer({
    root,
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, ws: false },
  })
  const { programOf, WANTED } = await vite.ssrLoadModule('/src/lab/mysql/program.ts')
  const { startMysql } = await vite.ssrLoadModule('/src/lab/mysql/server.ts')
  return { programOf, WANTED, startMysql, close: () => vite.close() }
}

/** A client and the thread of the server that serves it. */
export const threadOf = async (uri, isMariaDb) => {
  const client = await clientOf(uri, 'tool')
  const [[{ tid }]] = await client.query(
    isMariaDb
      ? 'select tid from information_schema.processlist where id = connection_id()'
      : 'select thread_os_id as tid from performance_schema.threads where processlist_id = connection_id()',
  )
  return { client, tid: Number(tid) }
}

const clientOf = async (uri, application) => {
  const client = await mysql.createConnection({ uri, connectAttributes: { program_name: application } })
  client.on('error', () => undefined)
  return client
}

/** `count` of them, a few at a time. */
export const clientsOf = async (uri, count) => {
  const all = []
  while (all.length < count) {
    const some = Array.from({ length: Math.min(20, count - all.length) }, (_, n) =>
      clientOf(uri, `app-${n % 5}`),
    )
    all.push(...(await Promise.all(some)))
  }
  return all
}

/** Spillway's held connection, and the server's thread of it: the newest. */
export const watcherOf = async (uri, tool, isMariaDb) => {
  const connection = await mysqlEngine(mysqlTarget(uri, {}), { statementMs: 10_000 }).connect()
  const [[{ tid }]] = await tool.query(
    isMariaDb
      ? 'select tid from information_schema.processlist order by id desc limit 1'
      : `select thread_os_id as tid from performance_schema.threads where processlist_id is not null
         order by processlist_id desc limit 1`,
  )
  return { connection, tid: Number(tid) }
}
