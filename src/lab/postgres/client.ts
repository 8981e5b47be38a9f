// Clients of PostgreSQL as the shop's services have them: pg's own connection and pool.
import pg from 'pg'
import { type Client, type Login, POOL_WAIT_MS, type Pool, STATEMENT_MS, type Value } from '../engine.ts'
import type { PoolSpec } from '../scenario.ts'

export const connect = async (login: Login): Promise<Client> => {
  const client = new pg.Client(configOf(login))
  client.on('error', () => undefined)
  await client.connect()
  return clientOf(client)
}

export const openPool = (login: Login, { min, max, idleMs }: PoolSpec): Pool => {
  const pool = new pg.Pool({ ...configOf(login), min, max, idleTimeoutMillis: idleMs })
  // A server that ends sessions is what the lab is about: the pool opens others when they are wanted.
  pool.on('error', () => undefined)
  pool.on('connect', client => client.on('error', () => undefined))
  const lent = new WeakMap<Client, pg.PoolClient>()
  return {
    acquire: async () => {
      const taken = await pool.connect()
      const client = clientOf(taken)
      lent.set(client, taken)
      return client
    },
    release: (client, broken) => lent.get(client)?.release(broken),
    state: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    get ended() {
      return pool.ending
    },
    end: () => pool.end(),
  }
}

/** Also of a client that others made. */
export const clientOf = (client: pg.ClientBase): Client => ({
  get id() {
    return String((client as pg.ClientBase & { processID: number }).processID)
  },
  query: async (sql, values: Value[] = []) => {
    let count = 0
    const numbered = sql.replace(/\?/g, () => `$${++count}`)
    const { rows } = await client.query({ text: numbered, values, rowMode: 'array' })
    return (rows[0] as unknown[] | undefined)?.[0]
  },
  end: async () => {
    if ('end' in client) await (client as pg.Client).end().catch(() => undefined)
  },
  onLost: listener => void client.on('error', listener),
})

const configOf = ({ host, port, database, user, application }: Login): pg.ClientConfig => ({
  host,
  port,
  database,
  user,
  application_name: application,
  ssl: false,
  connectionTimeoutMillis: POOL_WAIT_MS,
  statement_timeout: STATEMENT_MS,
  query_timeout: STATEMENT_MS + 1000,
})
