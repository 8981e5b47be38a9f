// Classified failure → the one line and the hint an operator gets when the held connection cannot be opened.
import { AppError, type ErrorCode, type Failure } from '../../model/index.ts'
import type { Classified } from './classify.ts'
import type { PostgresTarget } from './target.ts'

export const appErrorOf = (classified: Classified, target: PostgresTarget, cause: unknown): AppError => {
  const { code, what, hint } = ANSWERS[classified.failure](target)
  const { code: native, message } = classified.native
  return new AppError(
    code,
    `${target.name}: ${what} (${native === '' ? '' : `${native}: `}${message})`,
    hint,
    cause,
  )
}

interface Answer {
  code: ErrorCode
  what: string
  hint: string
}

const answer = (code: ErrorCode, what: string, hint: string) => (): Answer => ({ code, what, hint })

const RESERVED_HINT =
  'give Spillway a slot of its own for next time: reserved_connections = 3 (a restart, PostgreSQL 16+) and ' +
  'GRANT pg_use_reserved_connections TO its role'

const noSlot =
  (what: string) =>
  (target: PostgresTarget): Answer => ({
    code: 'no-free-slot',
    what,
    hint: RESERVED_HINT.replace('its role', quoteName(target.user)),
  })

type Answers = Partial<Record<Failure, (target: PostgresTarget) => Answer>>

/** Before the server has looked at who asks. */
const ON_THE_WAY = {
  'name-not-resolved': answer('host-unknown', 'the host name is not known', 'check the spelling and the DNS'),
  'connection-refused': answer(
    'unreachable',
    'nothing listens there',
    'check host and port, and whether the server runs and has it in listen_addresses',
  ),
  'connect-timeout': answer(
    'no-answer',
    'no answer to the connection attempt',
    'a firewall or security group drops it, or the host is down',
  ),
  unreachable: answer(
    'unreachable',
    'the host cannot be reached',
    'check the route, the VPN and the firewall',
  ),
  'connection-reset': answer(
    'connection-lost',
    'the peer closed the connection during the handshake',
    'see the server log; a port that speaks only TLS, or a proxy without a healthy server, does this as well',
  ),
  'handshake-timeout': answer(
    'no-answer',
    'the peer accepted the connection and then never answered',
    'the server hangs or is starved, or something else listens on this port',
  ),
  'not-this-protocol': answer(
    'not-this-engine',
    'the peer does not speak the PostgreSQL protocol',
    'check the port: PostgreSQL listens on 5432 by default',
  ),
  'tls-unsupported': answer(
    'tls-failed',
    'TLS could not be agreed on',
    'sslmode=prefer or sslmode=disable connects without it',
  ),
  'tls-certificate': answer(
    'tls-failed',
    'the certificate is not trusted',
    'name the authority with sslrootcert=FILE, and the host as the certificate does',
  ),
} satisfies Answers

/** What the server itself says. */
const AT_THE_SERVER = {
  'tls-required': answer('tls-failed', 'the server wants TLS', 'add sslmode=require to the target'),
  'authentication-failed': answer(
    'denied',
    'user or password is wrong',
    'set PGPASSWORD or a line in ~/.pgpass; an IAM token is valid for 15 minutes',
  ),
  'not-permitted': answer(
    'denied',
    'the server does not let this user in from here',
    'see pg_hba.conf and GRANT CONNECT ON DATABASE',
  ),
  'host-blocked': answer('denied', 'the server has blocked this host', 'see the server log'),
  'database-unknown': answer('database-unknown', 'there is no such database', 'psql -l lists them'),
  'slots-exhausted': noSlot('every connection slot is taken'),
  'reserved-slots-only': noSlot('only reserved connection slots are left'),
  'role-limit': target => ({
    code: 'no-free-slot',
    what: 'the role has as many connections as it may',
    hint: `ALTER ROLE ${quoteName(target.user)} CONNECTION LIMIT -1, or give Spillway a role of its own`,
  }),
  'database-limit': target => ({
    code: 'no-free-slot',
    what: 'the database has as many connections as it may',
    hint: `ALTER DATABASE ${quoteName(target.database)} CONNECTION LIMIT -1, or connect to another database`,
  }),
  'server-starting': answer('not-ready', 'the server is starting or recovering', 'try again in a moment'),
  'server-stopping': answer('not-ready', 'the server is shutting down', 'try again when it is up'),
  'session-ended': answer('connection-lost', 'the server ended the session', 'see the server log'),
  'out-of-memory': answer(
    'not-ready',
    'the server has no memory for another connection',
    'see the server log',
  ),
  'query-failed': answer('connection-lost', 'the first statement failed', 'see the server log'),
  'query-timeout': answer('no-answer', 'the first statement was not answered in time', 'the server hangs'),
  unclassified: answer('unreachable', 'the connection failed', 'see the message in brackets'),
} satisfies Answers

const ANSWERS: Record<Failure, (target: PostgresTarget) => Answer> = { ...ON_THE_WAY, ...AT_THE_SERVER }

/** A name as SQL wants it, for commands that people copy. */
export const quoteName = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
