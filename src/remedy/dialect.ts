// The commands that a person would run, in the SQL of each engine, and what an engine has no such thing as.
import type { EngineName, Target } from '../model/index.ts'

/** A setting of the server: which, for whom, and the commands that make it. */
interface Setting {
  name: string
  whom: string
  commands: string[]
}

export interface Dialect {
  endSession(id: string): string
  /** Undefined where the engine has no such timeout. */
  idleTransactionTimeout(user: string | undefined, seconds: number): Setting | undefined
  idleSessionTimeout(user: string | undefined, seconds: number): Setting
  /** `kind`: of the lock that is waited for. */
  lockTimeout(
    users: readonly string[],
    seconds: number,
    kind: string | undefined,
  ): Setting & { error: string }
  connectionLimit(of: { user: string } | { database: string }, limit: number): string
  /** Whether max_connections changes only with a restart. */
  ceilingNeedsRestart: boolean
  /** How an index is built while others work. */
  onlineIndex: string
}

/** For another engine nothing is advised, so that nobody asks for its commands. */
export const dialectOf = (engine: Target['engine']): Dialect =>
  DIALECTS[engine === 'other' ? 'postgres' : engine]

/** An SQL identifier, quoted where it has to be. */
const identifier = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`

const role = (user: string | undefined): string => (user ? `role ${identifier(user)}` : 'database …')

const POSTGRES: Dialect = {
  endSession: id => `select pg_terminate_backend(${id})`,
  idleTransactionTimeout: (user, seconds) => ({
    name: 'idle_in_transaction_session_timeout',
    whom: role(user),
    commands: [`alter ${role(user)} set idle_in_transaction_session_timeout = '${seconds}s'`],
  }),
  idleSessionTimeout: (user, seconds) => ({
    name: 'idle_session_timeout',
    whom: role(user),
    commands: [`alter ${role(user)} set idle_session_timeout = '${seconds / 60}min'`],
  }),
  lockTimeout: (users, seconds) => ({
    name: 'lock_timeout',
    whom: `the roles that queue (${users.join(', ')})`,
    commands: users.map(user => `alter ${role(user)} set lock_timeout = '${seconds}s'`),
    error: '55P03',
  }),
  connectionLimit: (of, limit) =>
    'user' in of
      ? `alter role ${identifier(of.user)} connection limit ${limit}`
      : `alter database ${identifier(of.database)} connection limit ${limit}`,
  ceilingNeedsRestart: true,
  onlineIndex: 'use CONCURRENTLY',
}

/** An account, whose host is for the operator to narrow. */
const account = (user: string): string => `'${user.replaceAll("'", "''")}'@'%'`

/** Timeouts are the server's: an account has none of its own. `set` keeps the value over a restart where it can. */
const mysql = (set: string): Dialect => {
  const setting = (name: string, seconds: number): Setting => ({
    name,
    whom: 'the whole server',
    commands: [`${set} ${name} = ${seconds}`],
  })
  return {
    endSession: id => `kill ${id}`,
    idleTransactionTimeout: () => undefined,
    idleSessionTimeout: (_, seconds) => setting('wait_timeout', seconds),
    lockTimeout: (_, seconds, kind) => ({
      ...setting(
        kind === 'metadata' || kind === 'ddl-queue' ? 'lock_wait_timeout' : 'innodb_lock_wait_timeout',
        seconds,
      ),
      error: '1205',
    }),
    connectionLimit: (of, limit) =>
      `alter user ${account('user' in of ? of.user : of.database)} with max_user_connections ${limit}`,
    ceilingNeedsRestart: false,
    onlineIndex: 'use ALGORITHM=INPLACE, LOCK=NONE',
  }
}

const MARIADB: Dialect = {
  ...mysql('set global'),
  idleTransactionTimeout: (_, seconds) => ({
    name: 'idle_transaction_timeout',
    whom: 'the whole server',
    commands: [`set global idle_transaction_timeout = ${seconds}`],
  }),
}

const DIALECTS: Record<EngineName, Dialect> = {
  postgres: POSTGRES,
  mysql: mysql('set persist'),
  mariadb: MARIADB,
}
