// What a waiter waits for, out of the rows of pg_locks.
// https://www.postgresql.org/docs/current/view-pg-locks.html
import type { LockWait } from '../../model/index.ts'
import { micros } from './sample.sql.ts'

export interface LockRow {
  /** Absent for a prepared transaction: it has no session. */
  pid: number | null
  granted: boolean
  type: string
  mode: string
  databaseId: number | null
  relationId: number | null
  page: number | null
  tuple: number | null
  xid: string | null
  virtualXid: string | null
  classId: number | null
  objId: number | null
  objSubId: number | null
  /** When a waiter began to wait, epoch microseconds; since 14. */
  waitsSince: number | null
}

/** Row locks name the table that a waiter for a transaction is after. */
const ALWAYS = 'tuple'

/** Which locks are wanted, when sessions wait for these kinds. */
export const kindsWanted = (awaited: Iterable<string>): string[] => [...new Set([ALWAYS, ...awaited])]

/**
 * Every waiter, and every holder of a lock of the kinds `$1`. The last row is no lock: `took` is what the reading took.
 */
export const locksSql = (version: number): string => `/* spillway */
select pid, granted, locktype as type, mode, database as "databaseId", relation as "relationId", page, tuple,
  transactionid as xid, virtualxid as "virtualXid", classid as "classId", objid as "objId", objsubid as "objSubId",
  ${version >= 140_000 ? micros('waitstart') : 'null::float8'} as "waitsSince", null::float8 as took
from pg_lock_status()
where not granted or (locktype = any($1) and mode <> 'SIReadLock')
union all
select ${Array(14).fill('null').join(', ')}, ${micros('clock_timestamp()')} - ${micros('now()')}`

/** The lock that a session waits for, out of its rows. `relationName` knows the relations of the connected database only. */
export const lockWaitOf = (
  locks: readonly LockRow[],
  relationName: (lock: LockRow) => string | undefined,
): LockWait | undefined => {
  const awaited = locks.find(({ granted }) => !granted)
  if (awaited === undefined) return undefined
  const named = (wait: LockWait, lock: LockRow | undefined): LockWait => {
    const object = lock === undefined ? undefined : relationName(lock)
    return object === undefined ? wait : { ...wait, object }
  }
  switch (awaited.type) {
    case 'tuple':
      return named({ kind: 'row' }, awaited)
    case 'transactionid':
      // Who waits for a row's last writer first takes the row's own lock: that names the table.
      return named(
        { kind: 'row' },
        locks.find(({ type }) => type === 'tuple'),
      )
    case 'relation':
      return named({ kind: 'relation', exclusive: awaited.mode === 'AccessExclusiveLock' }, awaited)
    case 'extend':
      return named({ kind: 'relation' }, awaited)
    case 'advisory':
      return { kind: 'advisory', object: advisoryKey(awaited) }
    default:
      return { kind: 'other' }
  }
}

/** One 64-bit key (objsubid 1) or two 32-bit keys (objsubid 2), as they were given to pg_advisory_lock(). */
const advisoryKey = ({ classId, objId, objSubId }: LockRow): string => {
  const [high, low] = [BigInt(classId ?? 0), BigInt(objId ?? 0)]
  if (objSubId === 1) return BigInt.asIntN(64, (high << 32n) | low).toString()
  return `${BigInt.asIntN(32, high)}, ${BigInt.asIntN(32, low)}`
}

/** Same for all sessions that queue for the same thing. */
export const lockKey = (lock: LockRow): string =>
  [
    ...[lock.type, lock.databaseId, lock.relationId, lock.page, lock.tuple, lock.xid, lock.virtualXid],
    ...[lock.classId, lock.objId, lock.objSubId],
  ].join('|')
