// What MySQL 5.7, 8 and 9 and MariaDB do otherwise, and what this instance lets us see: found out once, by asking.
import { type Ask, errnoOf } from './wire.ts'

export interface Flags {
  mariaDb: boolean
  /** `performance_schema.threads` and `.users` are there and filled; otherwise sessions come from the process list. */
  threads: boolean
  /** Its tables have keys: since MySQL 8. */
  keyed: boolean
  /** Running statements carry a DIGEST and a timer. */
  digests: boolean
  /** What each thread waits for is instrumented: off by default, on where Performance Insights looks after it. */
  waits: boolean
  /** What statements did is added up by DIGEST. */
  summaries: boolean
  /** Clients tell their program's name. */
  attributes: boolean
  /** Open transactions can be seen: idle ones hold locks. */
  transactions: boolean
  /** Who blocks whom on rows: `performance_schema.data_lock_waits`, since MySQL 8. */
  dataLocks: boolean
  /** The same from `information_schema.innodb_lock_waits`: MySQL 5.7 and MariaDB. */
  innodbLocks: boolean
  /** Metadata locks are instrumented: on by default since MySQL 8 only. */
  metadataLocks: boolean
  /** Deadlocks are only in `information_schema.innodb_metrics`: MySQL. */
  innodbMetrics: boolean
  /** Failed connections by client host. */
  hostCache: boolean
  /** The limits of accounts can be read. */
  accounts: boolean
  /** Amazon RDS and Aurora: nobody has SUPER there, KILL goes through a procedure. */
  rds: boolean
}

const SUMMARY_CONSUMERS = ['global_instrumentation', 'thread_instrumentation', 'statements_digest']
/** What statements with ids and times need. */
export const CONSUMERS = [...SUMMARY_CONSUMERS, 'events_statements_current']

/** `/* spillway *\/` stands in every statement. */
const readable = (table: string): string => `/* spillway */ select 1 from ${table} limit 1`

const opening = (table: string): string => `/* spillway */ select 1 from ${table} limit 0`
/** Only while somebody waits for a lock. */
const WANTED_LATER = ['performance_schema.data_locks', 'performance_schema.metadata_locks']

const TABLES = {
  threads: 'performance_schema.threads',
  users: 'performance_schema.users',
  summaries: 'performance_schema.events_statements_summary_by_digest',
  attributes: 'performance_schema.session_connect_attrs',
  transactions: 'information_schema.innodb_trx',
  dataLocks: 'performance_schema.data_lock_waits',
  innodbLocks: 'information_schema.innodb_lock_waits',
  hostCache: 'performance_schema.host_cache',
  accounts: 'mysql.user',
} as const

/** `isOn`: the performance schema is switched on. */
export const readFlags = async (
  ask: Ask,
  server: { mariaDb: boolean; isOn: boolean; baseDir: string },
): Promise<Flags> => {
  const { mariaDb, isOn } = server
  const can: Record<string, boolean> = {}
  for (const [name, table] of Object.entries(TABLES)) can[name] = await succeeds(ask, readable(table))
  // What is opened for the first time while storage is slow takes longer than any deadline: the server has to read its definition.
  if (isOn) for (const table of WANTED_LATER) await succeeds(ask, opening(table))
  const threads = isOn && can.threads === true && can.users === true && (await isTrue(ask, roomSql(mariaDb)))
  const timers = threads && (await isTrue(ask, TIMERS_SQL))
  const keyed = threads && (await isTrue(ask, KEYS_SQL))
  return {
    mariaDb,
    threads,
    keyed,
    digests: timers && (await isTrue(ask, consumersSql(CONSUMERS))),
    waits: keyed && (await isTrue(ask, consumersSql(['events_waits_current']))),
    summaries: timers && can.summaries === true && (await isTrue(ask, consumersSql(SUMMARY_CONSUMERS))),
    attributes: threads && can.attributes === true,
    transactions: can.transactions === true,
    dataLocks: isOn && can.dataLocks === true,
    innodbLocks: can.innodbLocks === true,
    metadataLocks: threads && (await isTrue(ask, METADATA_SQL)),
    innodbMetrics: !mariaDb && (await isTrue(ask, DEADLOCKS_SQL)),
    hostCache: can.hostCache === true,
    accounts: can.accounts === true,
    rds: server.baseDir.startsWith('/rdsdbbin/'),
  }
}

const consumersSql = (names: readonly string[]): string =>
  `/* spillway */ select count(*) = ${names.length} as yes from performance_schema.setup_consumers
    where enabled = 'YES' and name in (${names.map(name => `'${name}'`).join(', ')})`

/** Sessions that found no room in the performance schema are missing there. */
const roomSql = (mariaDb: boolean): string => `/* spillway */ select variable_value = 0 as yes
  from ${mariaDb ? 'information_schema' : 'performance_schema'}.global_status
  where variable_name = 'Performance_schema_thread_instances_lost'`

/** Switched off one by one they leave holes that look like idle sessions. */
const TIMERS_SQL = `/* spillway */ select count(*) = 0 as yes from performance_schema.setup_instruments
  where name like 'statement/sql/%' and (enabled = 'NO' or timed = 'NO')`

const DEADLOCKS_SQL = `/* spillway */ select count(*) = 1 as yes from information_schema.innodb_metrics
  where name = 'lock_deadlocks' and status = 'enabled'`

const KEYS_SQL = `/* spillway */ select count(*) > 0 as yes from information_schema.statistics
  where table_schema = 'performance_schema' and table_name = 'threads' and index_name = 'PRIMARY'`

const METADATA_SQL = `/* spillway */ select count(*) = 2 as yes from (
  select name from performance_schema.setup_instruments where name = 'wait/lock/metadata/sql/mdl' and enabled = 'YES'
  union all
  select name from performance_schema.setup_consumers where name = 'global_instrumentation' and enabled = 'YES'
) as needed`

const isTrue = async (ask: Ask, sql: string): Promise<boolean> => {
  try {
    const [rows] = await ask<{ yes: unknown }>(sql)
    return Number(rows?.[0]?.yes) === 1
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}

const succeeds = async (ask: Ask, sql: string): Promise<boolean> => {
  try {
    await ask(sql)
    return true
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}

/** No such table, or no right to read it: 1044, 1109, 1142, 1143, 1146, 1227. */
const isRefusal = (error: unknown): boolean => [1044, 1109, 1142, 1143, 1146, 1227].includes(errnoOf(error))
