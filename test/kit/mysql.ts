// Throw-away MySQL and MariaDB servers for tests, and plain clients for them.

import mysql, { type Connection as Client } from 'mysql2/promise'
import { expect } from 'vitest'
import { mysqlEngine, mysqlTarget } from '../../src/engine/mysql/index.ts'
import { type MysqlProgram, programOf, WANTED } from '../../src/lab/mysql/program.ts'
import { AppError, type Engine, type ErrorCode, type Failure, type Phase } from '../../src/model/index.ts'

export type { Connection as Client } from 'mysql2/promise'
export { type MysqlServer, startMysql } from '../../src/lab/mysql/server.ts'

/** Every server a full run needs. A missing one has no program. */
export const SERVERS: { name: string; isMariaDb: boolean; program: MysqlProgram | undefined }[] = WANTED.map(
  wanted => ({ name: wanted.name, isMariaDb: wanted.product === 'mariadb', program: programOf(wanted) }),
)

export const engineOf = (url: string): Engine => mysqlEngine(mysqlTarget(url, {}))

/** A client of an application, with nothing of Spillway in it. */
export const clientOf = async (uri: string, application = 'web'): Promise<Client> => {
  const client = await mysql.createConnection({
    uri,
    connectAttributes: { program_name: application },
  } as object)
  client.on('error', () => undefined)
  return client
}

/** What a client would see in the process list as its own id. */
export const idOf = (client: Client): string => String(client.threadId)

/** A server looks every few seconds whether the client of a sleeping statement is still there: this does not wait for it. */
export const endAll = async (admin: Client, clients: readonly Client[]): Promise<void> => {
  for (const client of clients) {
    await admin.query(`kill ${client.threadId}`).catch(() => undefined) // gone already
    client.destroy()
  }
}

/** What the probe says, and what the operator is told, of an attempt that must fail. */
export const expectRefusal = async (
  url: string,
  failure: Failure,
  phase: Phase,
  code: ErrorCode,
  native?: string,
): Promise<void> => {
  const engine = engineOf(url)
  const probe = await engine.probe()
  expect({ ok: probe.ok, failure: probe.failure, phase: probe.phase }).toEqual({ ok: false, failure, phase })
  if (native !== undefined) expect(probe.native?.code).toBe(native)
  expect(engine.explain(probe)?.code).toBe(code)
  expect((await appErrorOf(url)).code).toBe(code)
}

export const appErrorOf = async (url: string): Promise<AppError> => {
  const error = await engineOf(url)
    .connect()
    .catch((caught: unknown) => caught)
  if (!(error instanceof AppError)) throw new Error('it did not fail as expected', { cause: error })
  expect(error.message).not.toContain('\n')
  expect(error.hint).not.toBe('')
  return error
}
