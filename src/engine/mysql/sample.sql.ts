// The statements behind a sample. The one that every sample repeats reads only who is active, what is open in InnoDB and how
// many sessions there are; who idles is remembered and read again when that number moved. Each selects a column `spillway`
// first: the server leaves comments out of its statement summaries, and a name it keeps.
import type { Flags } from './flags.ts'

/** Longest text taken of a statement; what is cut off is cut by the redactor's rules. */
const STATEMENT_CHARS = 4_000

/** Most transactions that are read in one sample. */
const MAX_ROWS = 5_000

type Part = readonly [columns: Record<string, string>, from: string]

/** One statement of all parts costs less than two thirds of one for each: 650 against 930 µs at 1,000 connections. */
const unionOf = (parts: Record<string, Part>): string => {
  const names = [...new Set(Object.values(parts).flatMap(([columns]) => Object.keys(columns)))]
  const selects = Object.entries(parts).map(
    ([kind, [columns, from]]) =>
      `select '${kind}' as spillway, ${names.map(name => `${columns[name] ?? 'null'} as ${name}`).join(', ')} ${from}`,
  )
  return `/* spillway */ ${selects.join('\nunion all ')}`
}

const RUNNING = {
  id: 't.processlist_id',
  command: 't.processlist_command',
  ms: 't.processlist_time * 1000',
  state: 't.processlist_state',
  info: `left(t.processlist_info, ${STATEMENT_CHARS})`,
}

/** Statements that have not ended. One inside a procedure comes after the call; picoseconds. */
const STATEMENT = { digest: 's.digest', statementMs: 's.timer_wait / 1000000000', event: 's.event_id' }
const STATEMENTS = 'from performance_schema.events_statements_current as s'

/** What a thread waits for at the moment; waits are nested, the innermost comes last. */
const WAIT = { wait: 'w.event_name', waitEvent: 'w.event_id' }
const waitOf = (thread: string): string =>
  `left join performance_schema.events_waits_current as w on w.thread_id = ${thread} and w.end_event_id is null`

/**
 * Every column that is asked for is read from every row before the condition is looked at, so idle sessions are sorted out
 * by the narrower table, and those that are left looked up by their key.
 */
const together = (waits: boolean): Record<string, Part> => ({
  session: [
    { ...RUNNING, db: 't.processlist_db', ...STATEMENT, ...(waits && WAIT) },
    `${STATEMENTS} straight_join performance_schema.threads as t on t.thread_id = s.thread_id
${waits ? waitOf('t.thread_id') : ''}
where s.end_event_id is null and t.processlist_id is not null`,
  ],
})

const fromThreads = (waits: boolean): string =>
  `from performance_schema.threads as t ${waits ? waitOf('t.thread_id') : ''} where t.processlist_command <> 'Sleep'`

/** Where there is no key, or so many are active that looking each one up costs more than reading them all. */
const apart = ({ digests, waits }: Flags): Record<string, Part> => ({
  session: [{ ...RUNNING, thread: 't.thread_id', ...(waits && WAIT) }, fromThreads(waits)],
  ...(digests && {
    statement: [{ thread: 's.thread_id', ...STATEMENT }, `${STATEMENTS} where s.end_event_id is null`],
  }),
})

/** Times of InnoDB have whole seconds, in the time zone of the system. */
const TRANSACTION = {
  trx: 'trx_id',
  id: 'trx_mysql_thread_id',
  waits: "trx_state = 'LOCK WAIT'",
  lockId: 'trx_requested_lock_id',
  ms: 'timestampdiff(second, trx_started, now()) * 1000',
  waitMs: 'timestampdiff(second, trx_wait_started, now()) * 1000',
}
const OPEN = 'from information_schema.innodb_trx'

const LIMITS = {
  maxConnections: '@@global.max_connections',
  maxUserConnections: '@@global.max_user_connections',
}

/** Whoever is not logged in yet has no user. */
const TOTALS: Part = [
  {
    ...LIMITS,
    present: 'sum(current_connections)',
    ever: 'sum(if(user is null, 0, total_connections))',
  },
  'from performance_schema.users',
]

export interface Wanted {
  transactions: boolean
  /** Few sessions are active. */
  joined: boolean
}

/** One answer of rows of several kinds, told apart by their column `spillway`. */
export const activeSql = (flags: Flags, { transactions, joined }: Wanted): string =>
  unionOf({
    ...(joined && flags.keyed && flags.digests ? together(flags.waits) : apart(flags)),
    ...(transactions && flags.transactions && { transaction: [TRANSACTION, OPEN] }),
    totals: TOTALS,
  })

/** A replica's own threads bear the name of whoever started them, since MySQL 9. */
const USER = `if(t.name like 'thread/sql/replica%' or t.name like 'thread/sql/slave%', 'system user', t.processlist_user)`

/**
 * All sessions as the performance schema has them. It takes no lock that a connection waits for, and reading every row costs
 * less than grouping the idle ones in the server (762 against 1,368 µs of CPU at 1,000 connections, measured).
 */
export const ALL_SESSIONS = `/* spillway */ select 0 as spillway, t.processlist_id as id, ${USER} as user, t.processlist_host as host, t.processlist_db as db,
  t.processlist_command as command, t.processlist_time * 1000 as ms, t.connection_type = 'Socket' as isLocal,
  null as state, null as info, t.instrumented = 'YES' as instrumented
from performance_schema.threads as t
where t.type = 'FOREGROUND' and t.processlist_id is not null`

/** The same from the process list, bounded. The host comes with its port, that of a socket without. */
const fromProcesslist = (mariaDb: boolean): string => `
select id as id, user as user, host as host, db as db, command as command, ${mariaDb ? 'time_ms' : 'time * 1000'} as ms, host not like '%:%' as isLocal,
  if(command = 'Sleep', null, state) as state, if(command = 'Sleep', null, left(info, ${STATEMENT_CHARS})) as info
from information_schema.processlist`

/**
 * The process list as a statement of its own takes a third of what the table takes, and has statements of up to 64 kB in
 * it. `bounded`: the server cuts them.
 */
const processlist = (flags: Flags, bounded: boolean): string =>
  bounded ? fromProcesslist(flags.mariaDb) : 'show full processlist'

/** A subquery of all sessions. */
export const sessionsSql = ({ threads, mariaDb }: Flags): string =>
  threads
    ? `select t.processlist_id as id, ${USER} as user, t.processlist_command as command
       from performance_schema.threads as t where t.type = 'FOREGROUND' and t.processlist_id is not null`
    : fromProcesslist(mariaDb)

const NONE = 'select 1 from dual where false'

const columnsOf = (columns: Record<string, string>): string =>
  Object.entries(columns)
    .map(([name, sql]) => `${sql} as ${name}`)
    .join(', ')

/** Without the performance schema. Three answers: sessions, transactions (when asked for), limits. */
export const listSql = (
  flags: Flags,
  { transactions, bounded }: { transactions: boolean; bounded: boolean },
) =>
  [
    processlist(flags, bounded),
    transactions && flags.transactions
      ? `select 0 as spillway, ${columnsOf(TRANSACTION)} ${OPEN} limit ${MAX_ROWS}`
      : NONE,
    `select 0 as spillway, ${columnsOf(LIMITS)}`,
  ]
    .map(sql => `/* spillway */ ${sql}`)
    .join(';\n')
