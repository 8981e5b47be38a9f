// What the admin console shows, as numbers. By the names of the columns: every release adds some, a few were renamed.
// https://www.pgbouncer.org/usage.html#show-commands

export type Row = Record<string, unknown>

/** One pool: a database and a user. */
export interface Pool {
  database: string
  user: string
  mode: string
  clients: { active: number; waiting: number }
  /** `login`: being opened. */
  servers: { active: number; idle: number; login: number; all: number }
  /** How long the first in the queue has waited, milliseconds. */
  waitMsMax: number
  /** Server connections it may have. */
  size?: number
}

export interface Pooler {
  pools: Pool[]
  clients: { used: number; max: number }
  /** `query_wait_timeout`, after which a waiting client is cut off, milliseconds; 0 is never. */
  waitTimeoutMs: number
  databases: Map<string, Database>
  /** Since the pooler's start, over all databases: how long clients have waited in all, milliseconds. */
  waitMsTotal: number
}

interface Database {
  size: number
  reserve: number
  /** `max_db_connections`; 0 is none. */
  max: number
  used: number
  paused: boolean
  disabled: boolean
}

/** Answers of one look, by the word after SHOW. */
export interface Answers {
  pools: Row[]
  lists: Row[]
  stats: Row[]
  config: Row[]
  databases: Row[]
}

/** The console's own pool is left out. */
export const poolerOf = (answers: Answers): Pooler => {
  const setting = new Map(answers.config.map(row => [text(row.key), text(row.value)]))
  const lists = new Map(answers.lists.map(row => [text(row.list), number(row.items)]))
  const databases = new Map(answers.databases.map(row => [text(row.name), databaseOf(row)]))
  return {
    pools: answers.pools.filter(({ database }) => database !== ADMIN).map(row => poolOf(row, databases)),
    clients: { used: lists.get('used_clients') ?? 0, max: number(setting.get('max_client_conn')) },
    waitTimeoutMs: 1_000 * number(setting.get('query_wait_timeout')),
    databases,
    waitMsTotal: answers.stats.reduce((sum, row) => sum + number(row.total_wait_time) / 1_000, 0),
  }
}

const ADMIN = 'pgbouncer'

const databaseOf = (row: Row): Database => ({
  size: number(row.pool_size),
  reserve: number(row.reserve_pool_size ?? row.reserve_pool),
  max: number(row.max_connections),
  used: number(row.current_connections),
  paused: number(row.paused) > 0,
  disabled: number(row.disabled) > 0,
})

const poolOf = (row: Row, databases: Map<string, Database>): Pool => {
  const database = text(row.database)
  const size = databases.get(database)?.size
  const [active, idle, login] = [number(row.sv_active), number(row.sv_idle), number(row.sv_login)]
  const others = number(row.sv_used) + number(row.sv_tested)
  return {
    database,
    user: text(row.user),
    mode: text(row.pool_mode),
    clients: { active: number(row.cl_active), waiting: number(row.cl_waiting) },
    servers: { active, idle, login, all: active + idle + login + others },
    waitMsMax: 1_000 * number(row.maxwait) + number(row.maxwait_us) / 1_000,
    ...(size === undefined ? {} : { size }),
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : String(value ?? ''))

/** 64-bit numbers come as text; what is missing or no number is 0. */
const number = (value: unknown): number => Number(value ?? 0) || 0
