// Classified failure → the one line and the hint an operator gets when the held connection cannot be opened.
import { AppError, type ErrorCode, type Failure } from '../../model/index.ts'
import type { Classified } from './classify.ts'
import type { MysqlTarget } from './target.ts'

export const appErrorOf = (classified: Classified, target: MysqlTarget, cause: unknown): AppError => {
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

const noSlot =
  (what: string) =>
  ({ user }: MysqlTarget): Answer => ({
    code: 'no-free-slot',
    what,
    hint:
      'the server keeps one slot for administrators; to let Spillway take it next time: ' +
      `GRANT CONNECTION_ADMIN ON *.* TO ${quoteAccount(user)} (MariaDB: CONNECTION ADMIN, 5.7: SUPER)`,
  })

type Answers = Partial<Record<Failure, (target: MysqlTarget) => Answer>>

/** Before the server has looked at who asks. */
const ON_THE_WAY = {
  'name-not-resolved': answer('host-unknown', 'the host name is not known', 'check the spelling and the DNS'),
  'connection-refused': answer(
    'unreachable',
    'nothing listens there',
    'check host and port, and whether the server runs and its bind_address',
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
    'see the server log; a proxy without a healthy server does this as well',
  ),
  'handshake-timeout': answer(
    'no-answer',
    'the peer accepted the connection and then never answered',
    'the server hangs or is starved, or something else listens on this port',
  ),
  'not-this-protocol': answer(
    'not-this-engine',
    'the peer does not speak the MySQL protocol',
    'check the port: MySQL and MariaDB listen on 3306 by default',
  ),
  'tls-unsupported': answer(
    'tls-failed',
    'TLS could not be agreed on',
    'ssl-mode=preferred or ssl-mode=disabled connects without it',
  ),
  'tls-certificate': answer(
    'tls-failed',
    'the certificate is not trusted',
    'name the authority with ssl-ca=FILE, and the host as the certificate does',
  ),
} satisfies Answers

/** What the server itself says. */
const AT_THE_SERVER = {
  'tls-required': answer('tls-failed', 'the server wants TLS', 'add ssl-mode=required to the target'),
  'authentication-failed': ({ sslMode }) => ({
    code: 'denied',
    what: 'user or password is wrong',
    hint:
      'put the password into the URI or ~/.my.cnf; an IAM token is valid for 15 minutes' +
      (sslMode === 'disabled' ? '; an account that requires TLS is refused in the same words' : ''),
  }),
  'not-permitted': answer(
    'denied',
    'the server does not let this user in, from here, to this database',
    'see SHOW GRANTS and the host part of the account; an unknown database is refused in the same words',
  ),
  'host-blocked': answer(
    'denied',
    'the server has blocked this host after too many broken handshakes',
    'TRUNCATE TABLE performance_schema.host_cache (MariaDB: FLUSH HOSTS), and find who breaks them off',
  ),
  'database-unknown': answer('database-unknown', 'there is no such database', 'SHOW DATABASES lists them'),
  'slots-exhausted': noSlot('every connection slot is taken, the administrator’s too'),
  'reserved-slots-only': noSlot('only the slot of an administrator is left'),
  'role-limit': ({ user }) => ({
    code: 'no-free-slot',
    what: 'the account has as many connections as it may',
    hint: `ALTER USER ${quoteAccount(user)} WITH MAX_USER_CONNECTIONS 0, or give Spillway an account of its own`,
  }),
  'database-limit': answer(
    'no-free-slot',
    'the database has as many connections as it may',
    'see its limits',
  ),
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

const ANSWERS: Record<Failure, (target: MysqlTarget) => Answer> = { ...ON_THE_WAY, ...AT_THE_SERVER }

/** An account as SQL wants it, for commands that people copy. The host is theirs to narrow. */
export const quoteAccount = (user: string): string => `'${user.replaceAll("'", "''")}'@'%'`
