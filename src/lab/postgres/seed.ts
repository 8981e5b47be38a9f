// Makes the database `shop` on PostgreSQL: the roles of the services and of the observer, the tables, the rows.
import pg from 'pg'
import { type Client, DEPLOY, type LabServer, OBSERVER, SHOP_DATABASE } from '../engine.ts'
import type { Scenario } from '../scenario.ts'
import { clientOf } from './client.ts'

const CONNECT_MS = 5000
const ADMIN_STATEMENT_MS = 60_000

export const seedShop = async (
  server: LabServer,
  scenario: Scenario,
  signal?: AbortSignal,
): Promise<string> => {
  const version = await session(server, 'postgres', async client => {
    for (const sql of roles(scenario)) await client.query(sql)
    return String((await client.query('show server_version')) ?? 'unknown')
  })
  await asSuperuser(server, async client => {
    await client.query(`set role ${DEPLOY}`)
    for (const sql of scenario.schema) {
      signal?.throwIfAborted()
      await client.query(sql)
    }
    await client.query('grant select, insert, update, delete on all tables in schema public to services')
    await client.query('grant usage on all sequences in schema public to services')
  })
  return version
}

/** The superuser has reserved slots when nobody else gets in. */
export const asSuperuser = <T>(server: LabServer, use: (client: Client) => Promise<T>): Promise<T> =>
  session(server, SHOP_DATABASE, use)

const session = async <T>(
  server: LabServer,
  database: string,
  use: (client: Client) => Promise<T>,
): Promise<T> => {
  const client = new pg.Client({
    connectionString: server.adminUrl(database),
    application_name: 'spillway-lab',
    ssl: false,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ADMIN_STATEMENT_MS,
    statement_timeout: ADMIN_STATEMENT_MS,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await use(clientOf(client))
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
