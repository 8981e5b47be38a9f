// Who blocks whom, out of one reading of the lock table: what pg_blocking_pids() says, without stopping the lock manager
// for every waiter.
// https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
// The queue's rules: ProcSleep() in src/backend/storage/lmgr/proc.c, pg_blocking_pids() in utils/adt/lockfuncs.c.
import { type LockRow, lockKey } from './lock.ts'

/** Most holders named for one waiter: a waiting ALTER TABLE may stand behind hundreds. */
export const MAX_HOLDERS = 128
/** Most of those before it in the queue that are named for one waiter: the first ones, nearest to the head. */
export const MAX_AHEAD = 8

/** A prepared transaction has no session; pg_blocking_pids() says pid 0. */
export const PREPARED = 'prepared transaction'

const MODES = [
  ...['AccessShareLock', 'RowShareLock', 'RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock'],
  ...['ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'],
]
const maskOf = (...modes: number[]): number => modes.reduce((mask, mode) => mask | (1 << mode), 0)
/** Bits of the modes that each mode conflicts with. */
const CONFLICTS = [
  ...[maskOf(7), maskOf(6, 7), maskOf(4, 5, 6, 7), maskOf(3, 4, 5, 6, 7), maskOf(2, 3, 5, 6, 7)],
  ...[maskOf(2, 3, 4, 5, 6, 7), maskOf(1, 2, 3, 4, 5, 6, 7), maskOf(0, 1, 2, 3, 4, 5, 6, 7)],
]

export interface Queues {
  /** Of a parallel worker its leader, of everybody else itself: members of a group never block each other. */
  leaderOf(pid: number): number
  /** Where the server does not say how long a session has been waiting (before 14): when its statement began. */
  statementAt(pid: number): number | undefined
}

/**
 * Blockers by waiter (a worker's under its leader's pid): holders of a conflicting lock, at most MAX_HOLDERS, then
 * conflicting requests ahead in the queue, at most MAX_AHEAD. Linear in the rows; only a session that waits for a
 * stronger lock on what it holds already is looked for a place in the queue.
 *
 * The order of the queue is that of `waitsSince`; two that came within the same microseconds may be told the wrong way
 * round, as after a deadlock that the server solved by reordering. Before 14 it is that of the statements' starts.
 */
export const blockersOf = (rows: readonly LockRow[], queues: Queues): Map<number, string[]> => {
  const blockers = new Map<number, Set<string>>()
  for (const lock of locksOf(rows, queues)) {
    if (lock.waiters.length === 0) continue
    for (const [waiter, found] of blockersAt(lock)) {
      const known = blockers.get(waiter) ?? new Set()
      for (const id of found) known.add(id)
      blockers.set(waiter, known)
    }
  }
  return new Map([...blockers].map(([waiter, ids]) => [waiter, [...ids]]))
}

interface Party {
  /** The group's leader; undefined for a prepared transaction. */
  group: number | undefined
  /** What it holds of this lock: bits of modes. */
  held: number
}

interface Waiter extends Party {
  group: number
  mode: number
  since: number
  /** Whether `since` is what the server said. */
  sure: boolean
}

interface Lock {
  /** By group; prepared transactions each under their own key. */
  holders: Map<number | LockRow, Party>
  waiters: Waiter[]
}

const locksOf = (rows: readonly LockRow[], { leaderOf, statementAt }: Queues): Iterable<Lock> => {
  const locks = new Map<string, Lock>()
  for (const row of rows) {
    const mode = MODES.indexOf(row.mode)
    if (mode < 0) continue
    const key = lockKey(row)
    const lock: Lock = locks.get(key) ?? { holders: new Map(), waiters: [] }
    locks.set(key, lock)
    const group = row.pid === null ? undefined : leaderOf(row.pid)
    if (row.granted) {
      const holder = lock.holders.get(group ?? row) ?? { group, held: 0 }
      holder.held |= 1 << mode
      lock.holders.set(group ?? row, holder)
    } else if (group !== undefined) {
      const since = row.waitsSince ?? statementAt(row.pid as number) ?? Number.POSITIVE_INFINITY
      lock.waiters.push({ group, held: 0, mode, since, sure: row.waitsSince !== null })
    }
  }
  for (const { holders, waiters } of locks.values())
    for (const waiter of waiters) waiter.held = holders.get(waiter.group)?.held ?? 0
  return locks.values()
}

function* blockersAt({ holders, waiters }: Lock): Generator<[waiter: number, blockers: string[]]> {
  const holding = MODES.map((_, mode) => inConflict([...holders.values()], mode, MAX_HOLDERS))
  const ahead: Party[][] = MODES.map(() => [])
  for (const waiter of queueOf(waiters)) {
    const found = [
      ...without(waiter, holding[waiter.mode]!, MAX_HOLDERS),
      ...without(waiter, ahead[waiter.mode]!, MAX_AHEAD),
    ]
    // Somebody must be in its way: where the order is not known, anybody in the queue who could be.
    if (found.length === 0 && !waiter.sure) {
      const requests = waiters.map(({ group, mode }) => ({ group, held: 1 << mode }))
      found.push(...without(waiter, inConflict(requests, waiter.mode, MAX_AHEAD), MAX_AHEAD))
    }
    if (found.length > 0) yield [waiter.group, found]
    for (const [mode, parties] of ahead.entries())
      if (CONFLICTS[mode]! & (1 << waiter.mode) && parties.length <= MAX_AHEAD) parties.push(waiter)
  }
}

/** One more than the limit, since the waiter itself may be among them. */
const inConflict = (parties: readonly Party[], mode: number, limit: number): Party[] => {
  const found: Party[] = []
  for (const party of parties) {
    if (found.length > limit) break
    if (party.held & CONFLICTS[mode]!) found.push(party)
  }
  return found
}

const without = (waiter: Waiter, parties: readonly Party[], limit: number): string[] =>
  parties
    .filter(({ group }) => group !== waiter.group)
    .slice(0, limit)
    .map(({ group }) => (group === undefined ? PREPARED : String(group)))

/** In the order of arrival; but who holds already what another waits for, goes before that one. */
const queueOf = (waiters: Waiter[]): Waiter[] => {
  const queue: Waiter[] = []
  for (const waiter of waiters.sort((a, b) => a.since - b.since)) {
    const place =
      waiter.held === 0
        ? -1
        : queue.findIndex(({ group, mode }) => group !== waiter.group && CONFLICTS[mode]! & waiter.held)
    if (place < 0) queue.push(waiter)
    else queue.splice(place, 0, waiter)
  }
  return queue
}
