// Clients of MySQL and MariaDB as the shop's services have them: mysql2's own connection and pool.
import type { EventEmitter } from 'node:events'
import mysql, {
  type Connection,
  type ConnectionOptions,
  type PoolConnection,
  type PoolOptions,
} from 'mysql2/promise'
import { type Client, type Login, POOL_WAIT_MS, type Pool, type Value } from '../engine.ts'
import type { PoolSpec } from '../scenario.ts'
import { CLIENT_FAILURES } from '../traffic.ts'

export const connect = async (login: Login): Promise<Client> =>
  clientOf(await mysql.createConnection(configOf(login)))

/** mysql2's pool waits for a connection without end: as in most applications, a deadline is laid around it. */
export const openPool = (login: Login, { min, max, idleMs }: PoolSpec): Pool => {
  const pool = mysql.createPool({
    ...configOf(login),
    connectionLimit: max,
    maxIdle: min,
    idleTimeout: idleMs,
  } as PoolOptions)
  const counts = (pool as unknown as { pool: Counts }).pool
  const lent = new WeakMap<Client, PoolConnection>()
  let ended = false
  return {
    acquire: async () => {
      const taken = await inTime(pool.getConnection())
      const client = clientOf(taken)
      lent.set(client, taken)
      return client
    },
    release: (client, broken) => {
      const taken = lent.get(client)
      if (broken) taken?.destroy()
      else taken?.release()
    },
    state: () => ({
      total: counts._allConnections.length,
      idle: counts._freeConnections.length,
      waiting: counts._connectionQueue.length,
    }),
    get ended() {
      return ended
    },
    end: async () => {
      ended = true
      await pool.end().catch(() => undefined)
    },
  }
}

/** The driver shows them nowhere else. */
interface Counts {
  _allConnections: { length: number }
  _freeConnections: { length: number }
  _connectionQueue: { length: number }
}

/** What comes too late goes back. */
const inTime = async (taking: Promise<PoolConnection>): Promise<PoolConnection> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // In the words of tarn, the pool that knex lays around the driver.
      reject(
        Object.assign(new Error('Timeout acquiring a connection. The pool is probably full.'), {
          code: CLIENT_FAILURES.pool,
        }),
      )
      taking.then(
        connection => connection.release(),
        () => undefined,
      )
    }, POOL_WAIT_MS)
  })
  try {
    return await Promise.race([taking, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Also of a connection that others made. */
export const clientOf = (connection: Connection | PoolConnection): Client => {
  const raw = (connection as unknown as { connection: EventEmitter }).connection
  // What befalls an idle connection is said by the next statement.
  if (raw.listenerCount('error') < 2) raw.on('error', () => undefined)
  return {
    id: String(connection.threadId),
    query: async (sql, values: Value[] = []) => {
      const [rows] = await connection.query({ sql, values, rowsAsArray: true })
      return Array.isArray(rows) ? (rows[0] as unknown[] | undefined)?.[0] : undefined
    },
    end: async () => {
      await connection.end().catch(() => undefined)
    },
    onLost: listener => void raw.on('error', listener),
  }
}

const configOf = ({ application, ...address }: Login): ConnectionOptions =>
  ({
    ...address,
    connectTimeout: POOL_WAIT_MS,
    // What mysql2's types leave out.
    connectAttributes: { program_name: application },
  }) as ConnectionOptions
