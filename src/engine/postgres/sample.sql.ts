// The one statement behind a sample. It reads functions and no catalog: a migration that locks pg_database or a system
// that locks pg_authid stops the view pg_stat_activity, and must not stop the observer. Names of oids come from names.ts.
import { LIMITS_SQL } from './slots.ts'

/** Longest text taken of a statement; what is cut off is cut by the redactor's rules. */
const STATEMENT_CHARS = 4_000

/**
 * Most waiters that pg_blocking_pids() is asked for, longest waiting first: it locks the whole lock manager and its
 * cost grows with the square of a queue (28 ms for 500 waiters, measured). The others share a lock with one of these.
 */
const MAX_BLOCKING_CALLS = 64

/** Milliseconds from a time to now, null for null; the transaction's own now() would not move. */
const age = (column: string): string => `(extract(epoch from clock_timestamp() - ${column}) * 1000)::float8`

/** Names one opening of a session, to the microsecond. */
export const STARTED_AT = `to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/**
 * Client backends only: they hold the slots. Sessions of other roles hide their type from a role without pg_monitor, so
 * that one with a user and a database counts. A parallel worker is load in Performance Insights, but holds no slot and
 * shares its leader's fate: left out. 18 shows backends before they have authenticated.
 */
const CLIENTS = `
clients as materialized (
  select * from pg_stat_get_activity(null)
  where backend_type = 'client backend' or (backend_type is null and usesysid is not null and datid is not null)
), others as materialized (
  select *, wait_event_type = 'Lock' and state = 'active' as waits from clients where application_name is distinct from 'spillway'
)`

const sessions = (version: number): string => `
select coalesce(json_agg(json_build_object(
  'pid', pid, 'state', state, 'hidden', backend_type is null,
  'type', wait_event_type, 'event', wait_event,
  'queryId', ${version >= 140_000 ? 'query_id::text' : 'null'}, 'query', left(query, ${STATEMENT_CHARS}),
  'userId', usesysid::text, 'databaseId', datid::text, 'application', application_name,
  'host', host(client_addr), 'port', client_port, 'startedAt', ${STARTED_AT},
  'transactionAgeMs', ${age('xact_start')},
  'stateAgeMs', ${age(`case when state in ('active', 'fastpath function call') then query_start else state_change end`)},
  'blockedBy', case when waits and nth <= ${MAX_BLOCKING_CALLS} then pg_blocking_pids(pid) end
)), '[]')
from (
  select *, row_number() over (partition by waits order by query_start, pid) as nth
  from others where state is distinct from 'idle'
) as busy`

/** Unused: opened, used for less than 2 s, and not again for more than 10 s. */
const IDLE = `
select coalesce(json_agg(g), '[]') from (
  select usesysid::text as "userId", datid::text as "databaseId", application_name as application,
    host(client_addr) as host, min(client_port) as port, count(*)::int as count,
    max(${age('state_change')}) as "oldestStateAgeMs",
    (count(*) filter (where state_change - backend_start < interval '2 s'
      and clock_timestamp() - state_change > interval '10 s'))::int as "unusedCount"
  from others where state = 'idle'
  group by usesysid, datid, application_name, client_addr, client_port = -1
) as g`

/** Awaited locks, and the row locks that a waiter for a transaction holds: they name the table. Only if anybody waits. */
const LOCKS = `
select coalesce(json_agg(json_build_object(
  'pid', pid, 'granted', granted, 'type', locktype, 'mode', mode, 'databaseId', database::text,
  'relationId', relation::text, 'page', page, 'tuple', tuple, 'xid', transactionid::text, 'virtualXid', virtualxid,
  'classId', classid::text, 'objId', objid::text, 'objSubId', objsubid
)), '[]')
from pg_lock_status()
where (select exists (select from others where waits)) and (not granted or locktype = 'tuple')`

/** One row, one column of JSON. `databases` are oids. */
export const sampleSql = (version: number, databases: readonly string[]): string => `/* spillway */
with ${CLIENTS}
select json_build_object(
  'sessions', (${sessions(version)}),
  'idle', (${IDLE}),
  'locks', (${LOCKS}),
  'connections', (select count(*)::int from clients),
  'counters', (${countersSql(version, databases)}),
  'limits', ${LIMITS_SQL}
) as sample`

const COUNTERS = {
  commits: 'xact_commit',
  rollbacks: 'xact_rollback',
  blocks: 'blocks_fetched',
  blocksHit: 'blocks_hit',
  returned: 'tuples_returned',
  fetched: 'tuples_fetched',
  inserted: 'tuples_inserted',
  updated: 'tuples_updated',
  deleted: 'tuples_deleted',
  deadlocks: 'deadlocks',
}

/** The functions under the view pg_stat_database, summed over all databases. */
const countersSql = (version: number, databases: readonly string[]): string => {
  const functions = { ...COUNTERS, ...(version >= 140_000 && { opened: 'sessions' }) }
  const sums = Object.entries(functions).map(
    ([name, column]) => `'${name}', sum(pg_stat_get_db_${column}(id))::float8`,
  )
  return `select json_build_object('at', extract(epoch from clock_timestamp())::float8,
    'reset', max(extract(epoch from pg_stat_get_db_stat_reset_time(id)))::float8, ${sums.join(', ')})
  from unnest('{${databases.join(',')}}'::oid[]) as id`
}
