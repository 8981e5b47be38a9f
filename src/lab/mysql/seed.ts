// Makes the database `shop` on MySQL or MariaDB: the accounts of the services and of the observer, the tables, the rows.
import mysql from 'mysql2/promise'
import { type Client, DEPLOY, type LabServer, OBSERVER, SHOP_DATABASE } from '../engine.ts'
import type { Scenario } from '../scenario.ts'
import { clientOf } from './client.ts'

const CONNECT_MS = 5000

export const seedShop = async (
  server: LabServer,
  scenario: Scenario,
  signal?: AbortSignal,
): Promise<string> =>
  session(server, 'mysql', async client => {
    const version = String(await client.query('select version()'))
    for (const sql of accounts(scenario, /mariadb/i.test(version))) await client.query(sql)
    await client.query(`use ${SHOP_DATABASE}`)
    for (const sql of scenario.schema) {
      signal?.throwIfAborted()
      await client.query(sql)
    }
    return version
  })

/** It has the one slot that is left when all others are taken. */
export const asAdmin = <T>(server: LabServer, use: (client: Client) => Promise<T>): Promise<T> =>
  session(server, SHOP_DATABASE, use)

const session = async <T>(
  server: LabServer,
  database: string,
  use: (client: Client) => Promise<T>,
): Promise<T> => {
  const uri = server.adminUrl(database)
  const client = clientOf(await mysql.createConnection({ uri, connectTimeout: CONNECT_MS }))
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** MariaDB instruments locks on tables only when it is told to; so does whoever follows `spillway doctor`. */
const accounts = ({ services }: Scenario, mariaDb: boolean): string[] => [
  `create database ${SHOP_DATABASE}`,
  ...[DEPLOY, ...services.map(({ name }) => name)].map(name => `create user '${name}'@'%'`),
  `grant all on ${SHOP_DATABASE}.* to '${DEPLOY}'@'%'`,
  ...services.flatMap(({ name, roleLimit }) => [
    `grant select, insert, update, delete, lock tables on ${SHOP_DATABASE}.* to '${name}'@'%'`,
    ...(roleLimit === undefined ? [] : [`alter user '${name}'@'%' with max_user_connections ${roleLimit}`]),
  ]),
  `create user '${OBSERVER}'@'%' with max_user_connections 3`,
  `grant process on *.* to '${OBSERVER}'@'%'`,
  `grant select on performance_schema.* to '${OBSERVER}'@'%'`,
  `grant select (user, max_user_connections) on mysql.user to '${OBSERVER}'@'%'`,
  ...(mariaDb
    ? [
        "update performance_schema.setup_instruments set enabled = 'YES' where name like 'wait/lock/metadata%'",
        "update performance_schema.setup_consumers set enabled = 'YES' where name in ('events_statements_current', 'statements_digest')",
      ]
    : []),
]
