// What a waiter waits for, out of the rows of pg_locks.
// https://www.postgresql.org/docs/current/view-pg-locks.html
import type { LockWait } from '../../model/index.ts'

export interface LockRow {
  pid: number
  granted: boolean
  type: string
  mode: string
  databaseId: string | null
  relationId: string | null
  page: number | null
  tuple: number | null
  xid: string | null
  virtualXid: string | null
  classId: string | null
  objId: string | null
  objSubId: number | null
}

/** The lock that `pid` waits for. `relationName` knows the relations of the connected database only. */
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
