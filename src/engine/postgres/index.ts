// The door: PostgreSQL 12 to 18 as a source that can be watched.
import type { Engine } from '../../model/index.ts'
import { connect } from './connect.ts'
import { appErrorOf } from './failure.ts'
import { probe } from './probe.ts'
import type { PostgresTarget } from './target.ts'

export { openConsole } from './console.ts'
export { postgresReader, readLogStream } from './log/index.ts'
export { redact as redactPostgres } from './redact.ts'
export { type PostgresTarget, postgresTarget, trustOf as postgresTrust } from './target.ts'

export interface PostgresOptions {
  /** Bound of each phase of connecting, milliseconds; the phases have bounds of their own below 5 s. */
  connectMs?: number
  /** Bound of each statement on the held connection, milliseconds. */
  statementMs?: number
  /** Of the server, where it cannot be found out. */
  vcpus?: number
}

const STATEMENT_MS = 500

export const postgresEngine = (target: PostgresTarget, options: PostgresOptions = {}): Engine => {
  const { connectMs = Number.POSITIVE_INFINITY, statementMs = STATEMENT_MS, vcpus } = options
  const boundMs = Math.min(connectMs, target.connectTimeoutMs ?? Number.POSITIVE_INFINITY)
  const given = vcpus === undefined ? {} : { vcpus }
  return {
    target: { name: target.name, engine: 'postgres', ...given },
    connect: signal => connect(target, { connectMs: boundMs, statementMs, ...given }, signal),
    probe: (signal, from) => probe(target, boundMs, signal, from),
    explain: ({ phase, failure, native }) =>
      phase && failure && native ? appErrorOf({ phase, failure, native }, target, undefined) : undefined,
  }
}
