// The pools of a service as applications configure them, and the one thing done with a connection: a request.
import { setTimeout as sleep } from 'node:timers/promises'
import { type ClientConfig, Pool } from 'pg'
import { integerBetween, type Random } from './random.ts'
import type { PoolSpec, RequestSpec, StatementSpec } from './scenario.ts'

/** Where the shop's database is; every role gets in without a password. */
export interface Address {
  host: string
  port: number
  database: string
}

/** How long a request waits for a connection, its pool's or a new one. */
const POOL_WAIT_MS = 3000
/** Most applications have no deadline on a statement; this one only bounds the lab. */
const STATEMENT_MS = 120_000
const WARM_UP_RETRY_MS = 1000

export const clientConfig = (address: Address, user: string, application: string): ClientConfig => ({
  ...address,
  user,
  application_name: application,
  ssl: false,
  connectionTimeoutMillis: POOL_WAIT_MS,
  statement_timeout: STATEMENT_MS,
  query_timeout: STATEMENT_MS + 1000,
})

export const openPool = (config: ClientConfig, { min, max, idleMs }: PoolSpec): Pool => {
  const pool = new Pool({ ...config, min, max, idleTimeoutMillis: idleMs })
  // A server that ends sessions is what the lab is about: the pool opens others when they are wanted.
  pool.on('error', () => undefined)
  pool.on('connect', client => client.on('error', () => undefined))
  return pool
}

/** Opens `min` connections, again and again until it has them: pg's pool keeps a minimum but opens none. */
export const warmUp = async (
  pool: Pool,
  min: number,
  onFailure: (error: unknown) => void,
  signal: AbortSignal,
): Promise<void> => {
  while (pool.totalCount < min && !pool.ending && !signal.aborted) {
    const opened = await Promise.allSettled(Array.from({ length: min }, () => pool.connect()))
    for (const result of opened) {
      if (result.status === 'fulfilled') result.value.release()
      else onFailure(result.reason)
    }
    if (pool.totalCount < min) await sleep(WARM_UP_RETRY_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** Throws what the client got: no connection in time, a refusal, an error of a statement, a lost session. */
export const perform = async (pool: Pool, request: RequestSpec, random: Random): Promise<void> => {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    if (request.transaction) await client.query('begin')
    for (const statement of request.statements) {
      await client.query(statement.sql, drawValues(statement, random))
      if (request.thinkMs !== undefined) await sleep(request.thinkMs)
    }
    if (request.transaction) await client.query('commit')
  } catch (error) {
    broken = error as Error
    throw error
  } finally {
    client.release(broken)
  }
}

const drawValues = (statement: StatementSpec, random: Random): (number | string)[] =>
  statement.values.map(value =>
    typeof value === 'object' ? integerBetween(random, value.from, value.to) : value,
  )
