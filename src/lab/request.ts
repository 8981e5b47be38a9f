// The one thing a service does with a connection: a request.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, Value } from './engine.ts'
import { integerBetween, type Random } from './random.ts'
import type { RequestSpec, StatementSpec } from './scenario.ts'

/** Throws what the client got: no connection in time, a refusal, an error of a statement, a lost session. */
export const perform = async (pool: Pool, request: RequestSpec, random: Random): Promise<void> => {
  const client = await pool.acquire()
  let broken = false
  try {
    if (request.transaction) await client.query('begin')
    for (const statement of request.statements) {
      await client.query(statement.sql, drawValues(statement, random))
      if (request.thinkMs !== undefined) await sleep(request.thinkMs)
    }
    if (request.transaction) await client.query('commit')
  } catch (error) {
    broken = true
    throw error
  } finally {
    pool.release(client, broken)
  }
}

const drawValues = (statement: StatementSpec, random: Random): Value[] =>
  statement.values.map(value =>
    typeof value === 'object' ? integerBetween(random, value.from, value.to) : value,
  )
