// Classified failure → the one line and the hint an operator gets when the held connection cannot be opened.
import { type Answers, explained, ofTheServer, onTheWay, refusedLogin } from '../../dial/index.ts'
import type { AppError } from '../../model/index.ts'
import type { Classified } from './classify.ts'
import type { PostgresTarget } from './target.ts'

export const appErrorOf = (classified: Classified, target: PostgresTarget, cause: unknown): AppError =>
  explained(ANSWERS, classified, target, cause)

const noSlot = (what: string) => (target: PostgresTarget) => ({
  code: 'no-free-slot' as const,
  what,
  hint:
    'give Spillway a slot of its own for next time: reserved_connections = 3 (a restart, PostgreSQL 16+) and ' +
    `GRANT pg_use_reserved_connections TO ${quoteName(target.user)}`,
})

const ANSWERS: Answers<PostgresTarget> = {
  ...onTheWay({
    protocol: 'PostgreSQL',
    port: 5432,
    listen: 'has it in listen_addresses',
    withoutTls: 'sslmode=prefer or sslmode=disable',
    chainOnly: 'sslmode=verify-ca',
    hangsUp: 'a port that speaks only TLS, or a proxy without a healthy server,',
  }),
  ...ofTheServer,
  'tls-required': {
    code: 'tls-failed',
    what: 'the server wants TLS',
    hint: 'add sslmode=require to the target',
  },
  'authentication-failed': refusedLogin(
    'set PGPASSWORD or a line in ~/.pgpass; on RDS, --iam or --secret',
    'GRANT rds_iam to the role',
  ),
  'not-permitted': {
    code: 'denied',
    what: 'the server does not let this user in from here',
    hint: 'see pg_hba.conf and GRANT CONNECT ON DATABASE',
  },
  'database-unknown': {
    code: 'database-unknown',
    what: 'there is no such database',
    hint: 'psql -l lists them',
  },
  'slots-exhausted': noSlot('every connection slot is taken'),
  'reserved-slots-only': noSlot('only reserved connection slots are left'),
  'role-limit': ({ user }) => ({
    code: 'no-free-slot',
    what: 'the role has as many connections as it may',
    hint: `ALTER ROLE ${quoteName(user)} CONNECTION LIMIT -1, or give Spillway a role of its own`,
  }),
  'database-limit': ({ database }) => ({
    ...ofTheServer['database-limit'],
    hint: `ALTER DATABASE ${quoteName(database)} CONNECTION LIMIT -1, or connect to another database`,
  }),
}

/** A name as SQL wants it, for commands that people copy. */
export const quoteName = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
