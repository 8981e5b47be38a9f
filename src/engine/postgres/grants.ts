// The least role that Spillway needs, as the SQL that makes it.
import { quoteName } from './failure.ts'

/**
 * For a server of the given `server_version_num`. Three connections: the held one, a probe, and one that a dead client
 * may leave hanging; with fewer, one hung session shuts the monitor out. Ending sessions is a privilege of its own.
 */
export function grants(version: number, role: string): string[] {
  const name = quoteName(role)
  return [
    `create role ${name} login connection limit 3;`,
    `-- and a password, or on RDS: grant rds_iam to ${name};`,
    `grant pg_monitor to ${name};`,
    // A role may create tables in the schema public up to PostgreSQL 14; read-only by default keeps it from doing so by mistake.
    `alter role ${name} set default_transaction_read_only = on;`,
    `alter role ${name} set statement_timeout = '5s';`,
    `alter role ${name} set idle_in_transaction_session_timeout = '30s';`,
    ...(version >= 160000
      ? [
          `grant pg_use_reserved_connections to ${name};  -- with reserved_connections > 0: a slot when all others are taken`,
        ]
      : []),
    `-- only to end sessions (spillway apply): grant pg_signal_backend to ${name};`,
  ]
}
