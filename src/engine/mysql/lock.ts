// Who waits for whom: rows by InnoDB's transactions, everything else by the metadata locks.
// https://dev.mysql.com/doc/refman/en/performance-schema-metadata-locks-table.html
import type { LockWait } from '../../model/index.ts'

/** An open transaction of InnoDB. */
export interface Transaction {
  trx: string
  id: string
  waits: boolean
  lockId: string | null
  /** What is waited for; the same for all who wait for it. */
  place?: string
  ms: number
  waitMs: number
}

export interface Blocked {
  lock: LockWait
  blockedBy?: string[]
}

/** Most queues that are looked into. */
const MAX_QUEUES = 64

/** A prepared transaction has no session: the server gives it the id 0. */
const PREPARED = 'prepared transaction'

/**
 * Same place, same queue: the table's id, or space, page and number of the record. Before it stands the transaction (in
 * MySQL 9 with a count), behind it, in the performance schema, an address.
 */
export const placeOf = (lockId: string, hasAddress: boolean): string => {
  const parts = lockId.split(':')
  if (!hasAddress) return parts.slice(1).join(':')
  return parts.slice(parts.length > 4 ? -4 : -2, -1).join(':')
}

/**
 * The one who has waited longest in each queue. All others of the queue stand behind the same holder: asking for each
 * of them would cost the square of the queue.
 */
export const headsOf = (transactions: readonly Transaction[]): string[] => {
  const heads = new Map<string, Transaction>()
  for (const transaction of transactions) {
    if (transaction.place === undefined) continue
    const head = heads.get(transaction.place)
    if (head === undefined || transaction.waitMs > head.waitMs) heads.set(transaction.place, transaction)
  }
  const longest = [...heads.values()].sort((a, b) => b.waitMs - a.waitMs)
  return longest.slice(0, MAX_QUEUES).flatMap(({ lockId }) => lockId ?? [])
}

export interface RowBlocker {
  lockId: string
  trx: string | number
}

export interface RowLock {
  lockId: string
  type: string
  name: string
}

/** By session id. A waiter whose queue was not looked into is known to wait for a row, and no more. */
export const rowWaits = (
  transactions: readonly Transaction[],
  blockers: readonly RowBlocker[],
  locks: readonly RowLock[],
): Map<string, Blocked> => {
  const byTrx = new Map(transactions.map(one => [one.trx, one]))
  const placeOfLock = new Map(transactions.map(({ lockId, place }) => [lockId, place]))
  const holders = new Map<string, Set<string>>()
  for (const { lockId, trx } of blockers) {
    const [blocker, place] = [byTrx.get(String(trx)), placeOfLock.get(lockId)]
    // Who waits for the same is before others in the queue, and holds nothing.
    if (blocker === undefined || place === undefined || blocker.place === place) continue
    holders.set(place, (holders.get(place) ?? new Set()).add(blocker.id === '0' ? PREPARED : blocker.id))
  }
  const names = new Map(locks.map(lock => [placeOfLock.get(lock.lockId), lock]))
  const found = new Map<string, Blocked>()
  for (const { id, waits, place } of transactions) {
    if (!waits) continue
    const lock = place === undefined ? undefined : names.get(place)
    const blockedBy = [...(holders.get(place ?? '') ?? [])].filter(holder => holder !== id)
    found.set(id, {
      lock: {
        kind: lock?.type === 'TABLE' ? 'relation' : 'row',
        ...(lock !== undefined && { object: tableOf(lock.name) }),
      },
      ...(blockedBy.length > 0 && { blockedBy }),
    })
  }
  return found
}

/** `hot`, or `` `app`.`hot` ``, with what names the partition behind it. */
const tableOf = (name: string): string => {
  const quoted = /^(?:`(?:[^`]|``)*`\.)?`((?:[^`]|``)*)`/.exec(name)?.[1]
  return quoted?.replaceAll('``', '`') ?? name
}

export interface MetadataLock {
  id: string
  type: string
  db: string | null
  name: string | null
  mode: string
  waits: number | string
}

/** Locks that a waiting request of a mode conflicts with; an exclusive one conflicts with all. */
const CONFLICTS: Record<string, readonly string[]> = {
  SHARED: ['INTENTION_EXCLUSIVE'],
  SHARED_READ: ['SHARED_NO_READ_WRITE'],
  SHARED_WRITE: ['SHARED_NO_READ_WRITE', 'SHARED_NO_WRITE', 'SHARED_READ_ONLY'],
  SHARED_WRITE_LOW_PRIO: ['SHARED_NO_READ_WRITE', 'SHARED_NO_WRITE', 'SHARED_READ_ONLY'],
  SHARED_UPGRADABLE: ['SHARED_NO_READ_WRITE', 'SHARED_NO_WRITE', 'SHARED_UPGRADABLE'],
  SHARED_READ_ONLY: ['SHARED_NO_READ_WRITE', 'SHARED_WRITE', 'SHARED_WRITE_LOW_PRIO'],
  SHARED_NO_WRITE: [
    ...['SHARED_NO_READ_WRITE', 'SHARED_NO_WRITE', 'SHARED_UPGRADABLE'],
    ...['SHARED_WRITE', 'SHARED_WRITE_LOW_PRIO'],
  ],
  SHARED_NO_READ_WRITE: [
    ...['SHARED_READ', 'SHARED_WRITE', 'SHARED_WRITE_LOW_PRIO', 'SHARED_UPGRADABLE', 'SHARED_READ_ONLY'],
    ...['SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE'],
  ],
  INTENTION_EXCLUSIVE: ['SHARED'],
}

const conflicts = (wanted: string, other: string): boolean =>
  wanted === 'EXCLUSIVE' || other === 'EXCLUSIVE' || CONFLICTS[wanted]?.includes(other) === true

/** By session id: behind the holders it conflicts with, else behind those that wait before it for a stronger lock. */
export const metadataWaits = (rows: readonly MetadataLock[]): Map<string, Blocked> => {
  const queues = new Map<string, MetadataLock[]>()
  for (const row of rows) {
    const key = JSON.stringify([row.type, row.db, row.name])
    queues.set(key, [...(queues.get(key) ?? []), row])
  }
  const found = new Map<string, Blocked>()
  for (const queue of queues.values()) {
    const waiting = queue.filter(isWaiting)
    const holding = queue.filter(row => !isWaiting(row))
    // Sessions that want the same stand behind the same ones: told once for each mode, for queues are long.
    const byMode = new Map<string, string[]>()
    for (const row of waiting) {
      const { mode } = row
      if (!byMode.has(mode)) byMode.set(mode, blockersOf(mode, holding, waiting))
      const blockedBy = byMode.get(mode)?.filter(id => id !== String(row.id)) ?? []
      found.set(String(row.id), { lock: lockOf(row), ...(blockedBy.length > 0 && { blockedBy }) })
    }
  }
  return found
}

const isWaiting = ({ waits }: MetadataLock): boolean => Number(waits) === 1

const blockersOf = (
  mode: string,
  holding: readonly MetadataLock[],
  waiting: readonly MetadataLock[],
): string[] => {
  const holders = holding.filter(row => conflicts(mode, row.mode))
  const before =
    holders.length > 0 ? holders : waiting.filter(row => row.mode !== mode && conflicts(mode, row.mode))
  return [...new Set(before.map(({ id }) => String(id)))]
}

const lockOf = ({ type, db, name, mode }: MetadataLock): LockWait => {
  const object = name ?? db ?? undefined
  return {
    kind: type === 'USER LEVEL LOCK' ? 'advisory' : 'metadata',
    ...(object !== undefined && object !== '' && { object }),
    ...(type === 'TABLE' && { exclusive: mode === 'EXCLUSIVE' }),
  }
}

/** What a session waits for as far as its state tells, where nobody can say more. */
export const tableLock = (state: string): LockWait => {
  if (/^user lock/i.test(state)) return { kind: 'advisory' }
  if (/table level lock/i.test(state)) return { kind: 'relation' }
  return {
    kind: /metadata lock|global read lock|backup lock|table flush/i.test(state) ? 'metadata' : 'other',
  }
}
