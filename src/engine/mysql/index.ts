// The door: MySQL 5.7 to 9 and MariaDB 10.5 to 11 as a source that can be watched.
import type { Engine } from '../../model/index.ts'
import { connect } from './connect.ts'
import { appErrorOf } from './failure.ts'
import { type Own, probe } from './probe.ts'
import type { MysqlTarget } from './target.ts'

export { mysqlReader, readErrorLogStream } from './log/index.ts'
export { redact as redactMysql } from './redact.ts'
export { isMysqlUri, type MysqlTarget, mysqlTarget, trustOf as mysqlTrust } from './target.ts'

export interface MysqlOptions {
  /** Bound of each phase of connecting, milliseconds; the phases have bounds of their own below 5 s. */
  connectMs?: number
  /** Bound of each statement on the held connection, milliseconds. */
  statementMs?: number
  /** Of the server, where it cannot be found out. */
  vcpus?: number
}

const STATEMENT_MS = 500

export const mysqlEngine = (target: MysqlTarget, options: MysqlOptions = {}): Engine => {
  const { connectMs = Number.POSITIVE_INFINITY, statementMs = STATEMENT_MS, vcpus } = options
  const boundMs = Math.min(connectMs, target.connectTimeoutMs ?? Number.POSITIVE_INFINITY)
  const given = vcpus === undefined ? {} : { vcpus }
  const own: Own = { sessions: [], logins: 0, failed: [] }
  return {
    target: { name: target.name, engine: target.engine, ...given },
    connect: signal => connect(target, { connectMs: boundMs, statementMs, ...given }, own, signal),
    probe: (signal, from) => probe(target, boundMs, own, signal, from),
    explain: ({ phase, failure, native }) =>
      phase && failure && native ? appErrorOf({ phase, failure, native }, target, undefined) : undefined,
  }
}
