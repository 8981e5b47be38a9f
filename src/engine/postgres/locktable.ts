// The last reading of the lock table, and when it may be read again.
import type { Backend } from './crowd.ts'
import { kindsWanted, type LockRow, locksSql } from './lock.ts'
import { sharedText } from './mark.ts'
import type { Ask } from './names.ts'
import { blockersOf, type Queues } from './queue.ts'

/**
 * It is read for no more than this share of the time (300 ms from reading to reading with 500 waiters); in between, the
 * last reading holds. New waiters are worth more.
 */
const SHARE = { known: 1 / 100, new: 1 / 10 }

type Backends = ReadonlyMap<number, Backend>

export class LockTable {
  readonly #sql: string
  readonly #name: string | undefined
  /** What each waits for, by pid. Empty while nobody waits. */
  waiters: ReadonlyMap<number, string> = new Map()
  /** Of prepared transactions under null. */
  byPid: ReadonlyMap<number | null, LockRow[]> = new Map()
  #rows: readonly LockRow[] = []
  #blockers: Map<number, string[]> | undefined
  #readAt = Number.NEGATIVE_INFINITY
  #tookMs = 0

  constructor(version: number, name: string | undefined) {
    this.#sql = sharedText(`${version} locks`, () => locksSql(version))
    this.#name = name
  }

  /** Before the sessions are read: who is known to wait need not be looked at. */
  async readAgain(ask: Ask): Promise<void> {
    if (this.waiters.size > 0 && this.#mayRead(SHARE.known)) await this.#read(ask, [...this.waiters.values()])
  }

  /** After the sessions were read: when some wait that the last reading does not have. */
  async readNew(ask: Ask, backends: Backends): Promise<void> {
    const waiting = [...backends.values()].filter(({ waitType }) => waitType === 'Lock')
    const isKnown = waiting.every(({ pid }) => this.waiters.has(pid))
    if (isKnown || !this.#mayRead(SHARE.new)) return
    await this.#read(
      ask,
      waiting.flatMap(({ waitEvent }) => waitEvent ?? []),
    )
  }

  /** By waiter; worked out once for each reading. */
  blockers(backends: Backends): ReadonlyMap<number, string[]> {
    this.#blockers ??= blockersOf(this.#rows, queuesOf(backends))
    return this.#blockers
  }

  /** Oids of the relations of one database that locks are about. */
  relations(database: number): string[] {
    return this.#rows.filter(row => row.databaseId === database).map(row => String(row.relationId))
  }

  #mayRead(share: number): boolean {
    return performance.now() >= this.#readAt + this.#tookMs / share
  }

  /** Only locks of the kinds that are waited for matter; when there are others than were asked for, it asks again. */
  async #read(ask: Ask, awaited: readonly string[]): Promise<void> {
    const kinds = kindsWanted(awaited)
    const rows = await ask<LockRow & { took: number | null }>(this.#sql, [kinds], this.#name)
    this.#tookMs = (rows.pop()?.took ?? 0) / 1_000
    this.#readAt = performance.now()
    this.#take(rows)
    const others = [...this.waiters.values()].filter(kind => !kinds.includes(kind))
    if (others.length > 0) await this.#read(ask, [...kinds, ...others])
  }

  #take(rows: readonly LockRow[]): void {
    const waiters = new Map<number, string>()
    const byPid = new Map<number | null, LockRow[]>()
    for (const row of rows) {
      if (!row.granted && row.pid !== null) waiters.set(row.pid, row.type)
      const own = byPid.get(row.pid)
      if (own === undefined) byPid.set(row.pid, [row])
      else own.push(row)
    }
    this.waiters = waiters
    this.byPid = byPid
    this.#rows = waiters.size > 0 ? rows : []
    this.#blockers = undefined
  }
}

/** Version 12 does not name a worker's leader: it is the client that began its transaction at the same microsecond. */
const queuesOf = (backends: Backends): Queues => {
  const byStart = new Map(
    [...backends.values()].flatMap(one => (one.client ? [[one.transactionAt, one.pid]] : [])),
  )
  return {
    leaderOf: pid => {
      const backend = backends.get(pid)
      if (!backend?.worker) return pid
      return backend.leader ?? byStart.get(backend.transactionAt) ?? pid
    },
    statementAt: pid => backends.get(pid)?.statementAt ?? undefined,
  }
}
