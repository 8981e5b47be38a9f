// The statements that ask who blocks whom: sent only while somebody waits.
import type { Flags } from './flags.ts'

/** Most locks that are read in one sample. */
const MAX_ROWS = 5_000

/** What may stand in a lock's id; it comes from the server and goes back to it as text. */
const LOCK_ID = /^[\w:.-]+$/

/** Two answers: the blockers, and the tables of the locks. The ids are those of InnoDB. */
export const rowLocksSql = (flags: Flags, lockIds: readonly string[]): string => {
  const list = lockIds
    .filter(id => LOCK_ID.test(id))
    .map(id => `'${id}'`)
    .join(', ')
  const [blockers, tables] = flags.dataLocks
    ? [
        `select 0 as spillway, requesting_engine_lock_id as lockId, blocking_engine_transaction_id as trx
         from performance_schema.data_lock_waits where requesting_engine_lock_id in (${list}) limit ${MAX_ROWS}`,
        `select 0 as spillway, engine_lock_id as lockId, lock_type as type, object_name as name
         from performance_schema.data_locks where engine_lock_id in (${list})`,
      ]
    : [
        `select 0 as spillway, requested_lock_id as lockId, blocking_trx_id as trx
         from information_schema.innodb_lock_waits where requested_lock_id in (${list}) limit ${MAX_ROWS}`,
        `select 0 as spillway, lock_id as lockId, lock_type as type, lock_table as name
         from information_schema.innodb_locks where lock_id in (${list})`,
      ]
  return `/* spillway */ ${blockers};\n/* spillway */ ${tables}`
}

/** Everybody who holds or waits for something that somebody waits for. */
export const METADATA_LOCKS = `/* spillway */
select 0 as spillway, t.processlist_id as id, m.object_type as type, m.object_schema as db, m.object_name as name, m.lock_type as mode,
  m.lock_status = 'PENDING' as waits
from performance_schema.metadata_locks as m
join (
  select distinct object_type, object_schema, object_name
  from performance_schema.metadata_locks where lock_status = 'PENDING'
) as p on p.object_type = m.object_type and p.object_schema <=> m.object_schema and p.object_name <=> m.object_name
join performance_schema.threads as t on t.thread_id = m.owner_thread_id
where m.lock_status in ('PENDING', 'GRANTED') limit ${MAX_ROWS}`
