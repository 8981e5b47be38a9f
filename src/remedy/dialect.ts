// The commands that a person would run, in the SQL of each engine, and what an engine has no such thing as.
import type { EngineName, SettingUnit, Target } from '../model/index.ts'

/** A setting of the server: which, for whom, and the commands that make it. */
interface Setting {
  name: string
  whom: string
  commands: string[]
  /** The same in the base unit. */
  step: SettingValue
}

interface SettingValue {
  name: string
  after: number
  unit: SettingUnit
}

export interface Dialect {
  endSession(id: string): string
  /** All of a role that have idled for longer; never replication, the server's own or Spillway's. */
  endIdle(user: string, seconds: number): string
  /** All of a job; never Spillway's own. */
  endJob(of: { user: string | undefined; application: string | undefined }): string
  /** Undefined where the engine has no such timeout. */
  idleTransactionTimeout(user: string | undefined, seconds: number): Setting | undefined
  idleSessionTimeout(user: string | undefined, seconds: number): Setting & { steps: SettingValue[] }
  /** Of one statement that runs. */
  statementTimeout(user: string | undefined, ms: number): Setting
  /** Of a login that does not come to its end. */
  loginTimeout(seconds: number): Setting
  cancelStatement(id: string): string
  /** Bytes of memory that RDS counts for a connection: the divisor of its default. */
  bytesPerConnection: number
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

/** One of a role, in milliseconds as PostgreSQL keeps it. */
const ofRole = (name: string, user: string | undefined, ms: number, text: string): Setting => ({
  name,
  whom: role(user),
  commands: [`alter ${role(user)} set ${name} = '${text}'`],
  step: { name, after: ms, unit: 'ms' },
})

const POSTGRES: Dialect = {
  endSession: id => `select pg_terminate_backend(${id})`,
  cancelStatement: id => `select pg_cancel_backend(${id})`,
  endIdle: (user, seconds) =>
    `select pg_terminate_backend(pid) from pg_stat_activity where usename = ${literal(user)} and state = 'idle' and backend_type = 'client backend' and application_name <> 'spillway' and state_change < now() - interval '${seconds} s'`,
  endJob: ({ user, application }) =>
    [
      "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and application_name <> 'spillway'",
      ...(user === undefined ? [] : [`usename = ${literal(user)}`]),
      ...(application === undefined ? [] : [`application_name = ${literal(application)}`]),
    ].join(' and '),
  idleTransactionTimeout: (user, seconds) =>
    ofRole('idle_in_transaction_session_timeout', user, 1000 * seconds, `${seconds}s`),
  idleSessionTimeout: (user, seconds) => {
    const setting = ofRole('idle_session_timeout', user, 1000 * seconds, `${seconds / 60}min`)
    return { ...setting, steps: [setting.step] }
  },
  statementTimeout: (user, ms) => ofRole('statement_timeout', user, ms, `${ms}ms`),
  loginTimeout: seconds => ({
    name: 'authentication_timeout',
    whom: 'the whole server',
    commands: [`alter system set authentication_timeout = '${seconds}s'`, 'select pg_reload_conf()'],
    step: { name: 'authentication_timeout', after: seconds, unit: 's' },
  }),
  lockTimeout: (users, seconds) => ({
    name: 'lock_timeout',
    whom: `the roles that queue (${users.join(', ')})`,
    commands: users.map(user => `alter ${role(user)} set lock_timeout = '${seconds}s'`),
    error: '55P03',
    step: { name: 'lock_timeout', after: 1000 * seconds, unit: 'ms' },
  }),
  bytesPerConnection: 9_531_392,
  connectionLimit: (of, limit) =>
    'user' in of
      ? `alter role ${identifier(of.user)} connection limit ${limit}`
      : `alter database ${identifier(of.database)} connection limit ${limit}`,
  ceilingNeedsRestart: true,
  onlineIndex: 'use CONCURRENTLY',
}

/** A text of SQL. */
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** An account, whose host is for the operator to narrow. */
const account = (user: string): string => `${literal(user)}@'%'`

/** Timeouts are the server's: an account has none of its own. `set` keeps the value over a restart where it can. */
const mysql = (set: string): Dialect => {
  const setting = (name: string, seconds: number): Setting => ({
    name,
    whom: 'the whole server',
    commands: [`${set} ${name} = ${seconds}`],
    step: { name, after: seconds, unit: 's' },
  })
  return {
    endSession: id => `kill ${id}`,
    cancelStatement: id => `kill query ${id}`,
    endIdle: (user, seconds) =>
      `select concat('kill ', id, ';') from information_schema.processlist where user = ${literal(user)} and command = 'Sleep' and time > ${seconds} -- run what it prints`,
    // An application is known by what its driver says of itself; without that, who else uses the account is for a person to see.
    endJob: ({ user, application }) =>
      [
        `select ${application === undefined ? 'p.*' : "concat('kill ', p.id, ';')"} from information_schema.processlist as p`,
        ...(application === undefined
          ? []
          : [
              `join performance_schema.session_connect_attrs as a on a.processlist_id = p.id and a.attr_name = 'program_name' and a.attr_value = ${literal(application)}`,
            ]),
        `where p.id <> connection_id() and p.command not like 'Binlog Dump%'${user === undefined ? '' : ` and p.user = ${literal(user)}`}`,
        application === undefined ? '-- kill those of the job' : '-- run what it prints',
      ].join(' '),
    statementTimeout: (_, ms) => ({
      ...setting('max_execution_time', ms),
      step: { name: 'max_execution_time', after: ms, unit: 'ms' },
    }),
    loginTimeout: seconds => setting('connect_timeout', seconds),
    bytesPerConnection: 12_582_880,
    idleTransactionTimeout: () => undefined,
    // A client that calls itself interactive takes the other one.
    idleSessionTimeout: (_, seconds) => {
      const [first, second] = [setting('wait_timeout', seconds), setting('interactive_timeout', seconds)]
      return {
        ...first,
        commands: [...first.commands, ...second.commands],
        steps: [first.step, second.step],
      }
    },
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
    step: { name: 'idle_transaction_timeout', after: seconds, unit: 's' },
  }),
  statementTimeout: (_, ms) => ({
    name: 'max_statement_time',
    whom: 'the whole server',
    commands: [`set global max_statement_time = ${ms / 1000}`],
    step: { name: 'max_statement_time', after: ms / 1000, unit: 's' },
  }),
  bytesPerConnection: 25_165_760,
}

const DIALECTS: Record<EngineName, Dialect> = {
  postgres: POSTGRES,
  mysql: mysql('set persist'),
  mariadb: MARIADB,
}
