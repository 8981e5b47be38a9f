// What is wrong at the pooler, as events: PgBouncer counts nobody it refused, so these are hints and no counts.
import type { Pool, Pooler } from './pool.ts'

export interface Sign {
  kind: 'clients-at-limit' | 'pool-exhausted' | 'server-refuses' | 'database-limit' | 'paused' | 'disabled'
  /** Names what it is about: the same sign again is no news. */
  about: string
  message: string
}

/** A client that waits shorter than this waits for its turn, milliseconds. */
const PATIENCE_MS = 500

export const signsOf = (pooler: Pooler): Sign[] => [
  ...atLimit(pooler),
  ...[...pooler.databases].flatMap(([name, { paused, disabled }]): Sign[] =>
    paused || disabled
      ? [
          {
            kind: paused ? 'paused' : 'disabled',
            about: name,
            message: `database ${name} is ${paused ? 'paused' : 'disabled'} at PgBouncer`,
          },
        ]
      : [],
  ),
  ...pooler.pools.flatMap(pool => waiting(pool, pooler)),
]

const atLimit = ({ clients: { used, max } }: Pooler): Sign[] =>
  max > 0 && used >= max
    ? [
        {
          kind: 'clients-at-limit',
          about: '',
          message: `PgBouncer has ${used} of ${max} client connections (max_client_conn) and refuses every further one`,
        },
      ]
    : []

const waiting = (pool: Pool, { databases, waitTimeoutMs }: Pooler): Sign[] => {
  const { clients, servers, size, waitMsMax } = pool
  const database = databases.get(pool.database)
  if (clients.waiting === 0 || waitMsMax < PATIENCE_MS || database?.paused) return []
  const about = `${pool.database}/${pool.user}`
  const queue = `${clients.waiting} clients wait, the first for ${seconds(waitMsMax)}${cut(waitTimeoutMs)}`
  const open = servers.all - servers.login
  if (database && database.max > 0 && database.used >= database.max) {
    const message = `database ${pool.database} has all ${database.max} server connections it may have (max_db_connections): ${queue}`
    return [{ kind: 'database-limit', about, message }]
  }
  // Room for more, and none is opened: the fault is behind the pooler.
  if (size !== undefined && open < size && servers.idle === 0) {
    const message = `pool ${about} has ${open} of ${size} server connections and gets no more from the server: ${queue}`
    return [{ kind: 'server-refuses', about, message }]
  }
  const message = `pool ${about} has all its ${size ?? open} server connections in use, in ${pool.mode} mode: ${queue}`
  return [{ kind: 'pool-exhausted', about, message }]
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`

const cut = (ms: number): string => (ms > 0 ? `, cut off after ${Math.round(ms / 1_000)} s` : '')
