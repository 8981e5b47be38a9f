// Makes the database `shop`: the roles of the services and of the observer, the tables, the rows.
import { Client } from 'pg'
import type { Scenario } from './scenario.ts'

export const SHOP_DATABASE = 'shop'
/** The role an observer connects as: what `spillway grants` asks for, and nothing else. */
export const OBSERVER = 'spillway'
/** Owns the database and changes its schema. */
export const DEPLOY = 'deploy'

const CONNECT_MS = 5000
const STATEMENT_MS = 60_000

/** `superuserUrl`: the URI of the superuser for a database. Returns the server's version. */
export const seedShop = async (
  superuserUrl: (database: string) => string,
  scenario: Scenario,
  signal?: AbortSignal,
): Promise<string> => {
  const version = await asSuperuser(superuserUrl('postgres'), async client => {
    for (const sql of roles(scenario)) await client.query(sql)
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return rows[0]?.server_version ?? 'unknown'
  })
  await asSuperuser(superuserUrl(SHOP_DATABASE), async client => {
    await client.query(`set role ${DEPLOY}`)
    for (const sql of scenario.schema) {
      signal?.throwIfAborted()
      await client.query(sql)
    }
    await client.query('grant select, insert, update, delete on all tables in schema public to services')
  })
  return version
}

/** Opens a session of the superuser, who has reserved slots when nobody else gets in, and closes it. */
export const asSuperuser = async <T>(url: string, use: (client: Client) => Promise<T>): Promise<T> => {
  const client = new Client({
    connectionString: url,
    application_name: 'spillway-lab',
    ssl: false,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: STATEMENT_MS,
    statement_timeout: STATEMENT_MS,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await use(client)
  } finally {
    await client.end()
  }
}

const roles = (scenario: Scenario): string[] => [
  `create role ${DEPLOY} login`,
  'create role services',
  ...scenario.services.map(
    ({ name, roleLimit }) => `create role ${name} login in role services connection limit ${roleLimit ?? -1}`,
  ),
  `create role ${OBSERVER} login in role pg_monitor, pg_signal_backend`,
  `create database ${SHOP_DATABASE} owner ${DEPLOY}`,
]
