// The statement behind a sample. It reads functions and no catalog: a migration that locks pg_database or a system that
// locks pg_authid stops the view pg_stat_activity, and must not stop the observer. Names of oids come from names.ts.
import { countersSql } from './counters.ts'

/** Longest text taken of a statement; what is cut off is cut by the redactor's rules. */
const STATEMENT_CHARS = 4_000

/**
 * Above this share of the sessions it is cheaper to read all at once than one by one: a look costs 10 to 15 µs, all
 * together 1 to 2 µs each (measured with 400 and 1,000 sessions).
 */
const MANY = 1 / 10

/** Names one opening of a session, to the microsecond. */
export const STARTED_AT = `to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** Epoch microseconds, exact in a double. */
export const micros = (column: string): string => `date_part('epoch', ${column}) * 1000000`

/** For `since`: before everything. */
export const EVER = '-infinity'

/**
 * Once on a held connection, about 7 ms. The C library learns from it not to give the memory of each sample back to the
 * kernel: 137 page faults a sample with 400 sessions on version 18, three quarters of its cost. Elsewhere than with
 * glibc it does nothing.
 */
export const KEEP_MEMORY_SQL = `/* spillway */ select length(repeat(' ', 8000000)) as kept`

/** Everybody's pid, to find out who left. */
export const ROSTER_SQL = `/* spillway */
select pg_stat_get_backend_pid(id) as pid from pg_stat_get_backend_idset() as id`

/** Parameters of sampleSql(), in its order. */
export type SampleValues = [
  /** Server time of the sample before, ISO 8601; EVER: read everybody. */
  since: string,
  /** Who must be looked at in any case. */
  recheck: number[],
  /** Who is known to wait for a lock: only looked at after a new statement. */
  waiting: number[],
  /** Oids of the databases whose counters are wanted; none: no counters. */
  databases: string[],
]

/**
 * The first row is the header, the others are sessions that may have changed: in a transaction, or with a statement or a
 * start after `since`. A session outside of a transaction that began no statement since then is what it was (crowd.ts).
 * Asking a session for three times is a hundred times cheaper than its row of pg_stat_get_activity().
 */
export const sampleSql = (version: number): string => `/* spillway */
with present as materialized (
  select count(*)::int as sessions, sum(pid)::float8 as pids,
    coalesce(array_agg(pid) filter (where (xact_start is not null and pid not in (select unnest($3::int[])))
      or coalesce(query_start, backend_start) > $1::timestamptz), '{}') as looks
  from (
    select pg_stat_get_backend_pid(id) as pid, pg_stat_get_backend_xact_start(id) as xact_start,
      pg_stat_get_backend_activity_start(id) as query_start, pg_stat_get_backend_start(id) as backend_start
    from pg_stat_get_backend_idset() as id
  ) as backends
), looked as materialized (
  select looks || $2::int[] as looks, $1 = '${EVER}' or cardinality(looks) > sessions * ${MANY} as many from present
)
select json_build_object('at', ${micros('now()')}, 'sessions', sessions, 'pids', pids,
    'counters', case when cardinality($4::oid[]) > 0 then (${countersSql(version, '$4::oid[]')}) end) as header,
  ${Object.keys(columns(version))
    .map(name => `null as "${name}"`)
    .join(', ')}
from present
union all
select null, ${select(version, 'left(query, $chars)')}
from looked, unnest(looks) as one, pg_stat_get_activity(one)
where not many and one <> pg_backend_pid()
union all
select null, ${select(version, 'case when coalesce(query_start, backend_start) > $1 then left(query, $chars) end')}
from looked, pg_stat_get_activity(case when many then null else 0 end)
where many and ($1 = '${EVER}' or coalesce(query_start, backend_start) > $1 or pid = any($2)
  or (xact_start is not null and pid not in (select unnest($3::int[]))))`

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

const columns = (version: number): Record<keyof ActivityRow, string> => ({
  pid: 'pid',
  type: 'backend_type',
  state: 'state',
  waitType: 'wait_event_type',
  waitEvent: 'wait_event',
  queryId: version >= 140_000 ? 'query_id' : 'null::int8',
  query: 'query',
  userId: 'usesysid',
  databaseId: 'datid',
  application: 'application_name',
  host: 'host(client_addr)',
  port: 'client_port',
  leader: version >= 130_000 ? 'leader_pid' : 'null::int',
  startedAt: micros('backend_start'),
  transactionAt: micros('xact_start'),
  statementAt: micros('query_start'),
  changedAt: micros('state_change'),
})

const select = (version: number, text: string): string => {
  const query = `case when state <> 'idle' then ${text.replace('$chars', String(STATEMENT_CHARS))} end`
  return Object.entries({ ...columns(version), query })
    .map(([name, expression]) => `${expression} as "${name}"`)
    .join(', ')
}
