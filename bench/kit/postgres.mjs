// A PostgreSQL server with a crowd of sessions, for benches.
import pg from 'pg'
import { postgresEngine, postgresTarget } from '../../dist/engine/postgres/index.js'

export { startPostgres } from '../../dist/lab/postgres/server.js'

/** A client and the pid of its backend. */
export const backend = async (url, application = 'web') => {
  const client = new pg.Client({ connectionString: url, application_name: application })
  client.on('error', () => undefined)
  await client.connect()
  const { rows } = await client.query('select pg_backend_pid() as pid')
  return { client, pid: rows[0].pid }
}

/** `count` of them, a few at a time: a server forks for each. */
export const backends = async (url, count) => {
  const all = []
  while (all.length < count) {
    const some = Array.from({ length: Math.min(20, count - all.length) }, () => backend(url))
    all.push(...(await Promise.all(some)))
  }
  return all
}

/** Spillway's held connection, and the pid of its backend. */
export const watcherOf = async url => {
  const connection = await postgresEngine(postgresTarget(url, {}), { statementMs: 10_000 }).connect()
  const { client } = await backend(url)
  const { rows } = await client.query("select pid from pg_stat_activity where application_name = 'spillway'")
  await client.end()
  return { connection, pid: rows[0].pid }
}

export const end = all => Promise.all(all.map(({ client }) => client.end()))
