// Classified failure → the one line and the hint an operator gets when the held connection cannot be opened.
import { type Answers, explained, ofTheServer, onTheWay, refusedLogin } from '../../dial/index.ts'
import type { AppError } from '../../model/index.ts'
import type { Classified } from './classify.ts'
import type { MysqlTarget } from './target.ts'

export const appErrorOf = (classified: Classified, target: MysqlTarget, cause: unknown): AppError =>
  explained(ANSWERS, classified, target, cause)

const noSlot = (what: string) => (target: MysqlTarget) => ({
  code: 'no-free-slot' as const,
  what,
  hint:
    'the server keeps one slot for administrators; to let Spillway take it next time: ' +
    `GRANT CONNECTION_ADMIN ON *.* TO ${quoteAccount(target.user)} (MariaDB: CONNECTION ADMIN, 5.7: SUPER)`,
})

const ANSWERS: Answers<MysqlTarget> = {
  ...onTheWay({
    protocol: 'MySQL',
    port: 3306,
    listen: 'its bind_address',
    withoutTls: 'ssl-mode=preferred or ssl-mode=disabled',
    chainOnly: 'ssl-mode=verify-ca',
    hangsUp: 'a proxy without a healthy server',
  }),
  ...ofTheServer,
  'tls-required': {
    code: 'tls-failed',
    what: 'the server wants TLS',
    hint: 'add ssl-mode=required to the target',
  },
  'authentication-failed': target =>
    refusedLogin(
      'put the password into the URI or ~/.my.cnf; on RDS, --iam or --secret' +
        (target.sslMode === 'disabled' ? '; an account that requires TLS is refused in the same words' : ''),
      'an account IDENTIFIED WITH AWSAuthenticationPlugin',
    )(target),
  'not-permitted': {
    code: 'denied',
    what: 'the server does not let this user in, from here, to this database',
    hint: 'see SHOW GRANTS and the host part of the account; an unknown database is refused in the same words',
  },
  'host-blocked': {
    code: 'denied',
    what: 'the server has blocked this host after too many broken handshakes',
    hint: 'TRUNCATE TABLE performance_schema.host_cache (MariaDB: FLUSH HOSTS), and find who breaks them off',
  },
  'database-unknown': {
    code: 'database-unknown',
    what: 'there is no such database',
    hint: 'SHOW DATABASES lists them',
  },
  'slots-exhausted': noSlot('every connection slot is taken, the administrator’s too'),
  'reserved-slots-only': noSlot('only the slot of an administrator is left'),
  'role-limit': ({ user }) => ({
    code: 'no-free-slot',
    what: 'the account has as many connections as it may',
    hint: `ALTER USER ${quoteAccount(user)} WITH MAX_USER_CONNECTIONS 0, or give Spillway an account of its own`,
  }),
}

/** An account as SQL wants it, for commands that people copy. The host is theirs to narrow. */
export const quoteAccount = (user: string): string => `'${user.replaceAll("'", "''")}'@'%'`
