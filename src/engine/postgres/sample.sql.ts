// The statement behind a sample. It reads functions and no catalog: a migration that locks pg_database or a system that
// locks pg_authid stops the view pg_stat_activity, and must not stop the observer. Names of oids come from names.ts.
import { countersSql } from './counters.ts'

/** Longest text taken of a statement; what is cut off is cut by the redactor's rules. */
const STATEMENT_CHARS = 4_000

/** So many are looked at one by one in any case, … */
const FEW = 32
/** … and more up to one in so many: a look costs about 15 µs, and to read everybody 3 µs each (measured with 1,000). */
const ONE_IN = 8

/** Most sessions that are looked at one by one, of so many. */
export const maxLooks = (sessions: number): number => Math.max(FEW, Math.floor(sessions / ONE_IN))

/** Names one opening of a session, to the microsecond. */
export const STARTED_AT = `to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** Epoch microseconds, exact in a double. */
export const micros = (column: string): string => `date_part('epoch', ${column}) * 1000000`

/** A time before everything. */
export const EVER = '-infinity'

/**
 * Once on a held connection. The C library learns from it not to give the memory of each sample back to the kernel: 137
 * page faults a sample with 400 sessions on version 18, three quarters of its cost. Where that is not glibc it does nothing.
 */
export const KEEP_MEMORY_SQL = `/* spillway */ select length(repeat(repeat(' ', 1000), 4000)) as kept`

/** Everybody's pid, to find out who left. */
export const ROSTER_SQL = `/* spillway */
select pg_stat_get_backend_pid(id) as pid from pg_stat_get_backend_idset() as id`

/** What makes one sampling statement differ from another. */
export interface SampleKind {
  /** Everybody is read at once, not one by one who may have changed. */
  everybody: boolean
  /** Some are known to wait for a lock. */
  waiting: boolean
  /** Counters of the databases are wanted. */
  counters: boolean
  /** Sessions of others hide their times from this role: that one came in the place of another shows by its pid only. */
  hidden: boolean
  /** The text of statements, too. */
  texts: boolean
  /** How far it is behind the server that it follows. */
  lag: boolean
}

export const sampleValues = (
  kind: SampleKind,
  since: string,
  recheck: readonly number[],
  waiting: Iterable<number>,
  databases: readonly string[],
): unknown[] => [
  since,
  recheck,
  ...(kind.waiting ? [[...waiting]] : []),
  ...(kind.counters ? [databases] : []),
]

/** In every row of the answer. */
export interface Header {
  /** When the sample began, epoch microseconds of the server's clock. */
  at: number
  /** How many backends there are. */
  sessions: number
  /** Sum of their pids, where some are hidden: together they tell whether anybody came or left unseen. */
  pids: number | null
  /** How many of them may have changed; one by one at most maxLooks() come back. */
  changed: number
  /** As countersOf() reads them. */
  counters: string[] | null
  /** Seconds behind; none where nothing was replayed yet, or where it follows nobody any more. */
  lag: number | null
}

/**
 * Seconds since what was replayed last was committed, as RDS reports ReplicaLag, but none where all that came is replayed and more would
 * come: then the writer had nothing to say. Without a receiver nobody knows.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PostgreSQL.Replication.ReadReplicas.Monitor.html
 */
const LAG = `case when not pg_is_in_recovery() then null
  when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()
    then case when (select pid from pg_stat_get_wal_receiver()) is not null then 0 end
  else date_part('epoch', clock_timestamp() - pg_last_xact_replay_timestamp()) end`

/**
 * The sessions that may have changed, others are what they were (crowd.ts): in a transaction, or with a statement or a
 * start after `since`; those to `recheck` in any case, those `waiting` only after a new statement. Without any there is one
 * row with the header only. To ask a session for three times is a hundred times cheaper than for its row. A statement for
 * each case and not one for all: a third of such a sample's cost was to set up what it did not need.
 */
export const sampleSql = (version: number, kind: SampleKind): string => {
  const { everybody, waiting, counters, hidden } = kind
  const text = kind.texts ? `left(query, ${STATEMENT_CHARS})` : 'null::text'
  const changed = `(coalesce(query_start, backend_start) > $1::timestamptz
    or xact_start is not null${waiting ? ' and pid not in (select unnest($3::int[]))' : ''})`
  const databases = `$${waiting ? 4 : 3}::oid[]`
  return `/* spillway */
select ${micros('now()')} as at, sessions, pids, coalesce(cardinality(looks), 0) as changed,
  ${counters ? countersSql(version, databases) : 'null::text[]'} as counters,
  ${kind.lag ? LAG : 'null::float8'} as lag, one.*
from (
  select count(*)::int as sessions, ${hidden ? 'sum(pid)::float8' : 'null::float8'} as pids,
    array_agg(pid) filter (where ${changed}) as looks
  from (
    select pg_stat_get_backend_pid(id) as pid, pg_stat_get_backend_xact_start(id) as xact_start,
      pg_stat_get_backend_activity_start(id) as query_start, pg_stat_get_backend_start(id) as backend_start
    from (select pg_stat_get_backend_idset() as id) as ids
  ) as backends
) as present
left join lateral (${everybody ? allAtOnce(version, changed, text) : oneByOne(version, text)}) as one on true`
}

const oneByOne = (version: number, text: string): string => `
  select ${select(version, text)}
  from unnest(looks[1:greatest(${FEW}, sessions / ${ONE_IN})] || $2::int[]) as who, pg_stat_get_activity(who)
  where who <> pg_backend_pid()`

/** Text that did not change is known. */
const allAtOnce = (version: number, changed: string, text: string): string => `
  select ${select(version, `case when coalesce(query_start, backend_start) > $1 or pid = any($2::int[]) then ${text} end`)}
  from pg_stat_get_activity(null)
  where ${changed} or pid = any($2::int[]) or $1 = '${EVER}'`

/** The row of a session. Numbers where it can be: they cost the server less than text. */
export interface ActivityRow {
  pid: number
  /** Absent for a session whose details this role may not see. */
  type: string | null
  state: string | null
  waitType: string | null
  waitEvent: string | null
  queryId: string | null
  /** Absent for an idle session, and where it did not change since the last sample. */
  query: string | null
  userId: number | null
  databaseId: number | null
  application: string | null
  host: string | null
  /** -1 for a Unix socket. */
  port: number | null
  /** Of a parallel worker, since 13. */
  leader: number | null
  /** Epoch microseconds of the server's clock, as the following. */
  startedAt: number | null
  transactionAt: number | null
  statementAt: number | null
  changedAt: number | null
}

const select = (version: number, query: string): string =>
  Object.entries({
    pid: 'pid',
    type: 'backend_type',
    state: 'state',
    waitType: 'wait_event_type',
    waitEvent: 'wait_event',
    queryId: version >= 140_000 ? 'query_id' : 'null::int8',
    query: `case when state <> 'idle' then ${query} end`,
    userId: 'usesysid',
    databaseId: 'datid',
    application: 'application_name',
    host: 'client_addr',
    port: 'client_port',
    leader: version >= 130_000 ? 'leader_pid' : 'null::int',
    startedAt: micros('backend_start'),
    transactionAt: micros('xact_start'),
    statementAt: micros('query_start'),
    changedAt: micros('state_change'),
  } satisfies Record<keyof ActivityRow, string>)
    .map(([name, expression]) => `${expression} as "${name}"`)
    .join(', ')
