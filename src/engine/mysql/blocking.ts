// Open transactions and who blocks whom, asked for with care: the first no more often than InnoDB tells anything new, the
// second only while somebody waits.
import type { Flags } from './flags.ts'
import { METADATA_LOCKS, rowLocksSql } from './lock.sql.ts'
import {
  type Blocked,
  headsOf,
  type MetadataLock,
  metadataWaits,
  placeOf,
  type RowBlocker,
  type RowLock,
  rowWaits,
  type Transaction,
} from './lock.ts'
import type { RawSession } from './sample.ts'
import { waitClassOf } from './wait.ts'
import { type Ask, perhaps } from './wire.ts'

export interface RawTransaction {
  trx: string | number
  id: string | number
  waits: string | number
  lockId: string | null
  ms: string | number | null
  waitMs: string | number | null
}

/**
 * InnoDB fills its tables of transactions and locks anew only when nobody has read them for 100 ms: whoever reads more
 * often sees the same for ever. Milliseconds.
 */
const REST_MS = 120

/**
 * MariaDB and MySQL 5.7 work out every pair of a queue for it: 90 ms of CPU for 400 waiters (measured), under a latch that
 * all others need. What takes long is therefore asked for less often: at most this share of the time, never rarer than
 * every so many milliseconds.
 */
const SHARE = 1 / 20
const MAX_REST_MS = 5_000

export class Blocking {
  transactions: readonly Transaction[] = []
  readonly #flags: Flags
  #readAt = Number.NEGATIVE_INFINITY
  #pauseMs = 0
  #rows: ReadonlyMap<string, Blocked> = new Map()

  constructor(flags: Flags) {
    this.#flags = flags
  }

  /** How long the tables have to be left alone yet, milliseconds. */
  restMs(): number {
    return Math.max(0, this.#pauseMs - (performance.now() - this.#readAt))
  }

  /**
   * Takes new transactions in, which were asked for at `askedAt`. A failure leaves the blockers unknown, unless it ends the
   * connection.
   */
  async read(
    ask: Ask,
    raw: readonly RawTransaction[],
    askedAt: number,
    isOver: () => boolean,
  ): Promise<void> {
    const { dataLocks, innodbLocks } = this.#flags
    this.transactions = raw.map(row => transactionOf(row, dataLocks))
    const heads = dataLocks || innodbLocks ? headsOf(this.transactions) : []
    const answers =
      heads.length > 0 ? await perhaps(ask<unknown>(rowLocksSql(this.#flags, heads)), isOver) : undefined
    const [blockers, locks] = (answers ?? [[], []]) as [RowBlocker[], RowLock[]]
    this.#rows = rowWaits(this.transactions, blockers, locks)
    this.#readAt = performance.now()
    this.#pauseMs = Math.min(MAX_REST_MS, Math.max(REST_MS, (this.#readAt - askedAt) / SHARE))
  }

  /** Waiters by session id. */
  async blocked(
    ask: Ask,
    sessions: readonly RawSession[],
    isOver: () => boolean,
  ): Promise<ReadonlyMap<string, Blocked>> {
    const waitsElsewhere = sessions.some(
      ({ id, state }) => !this.#rows.has(String(id)) && waitClassOf(state ?? '', false) === 'Lock',
    )
    if (!waitsElsewhere || !this.#flags.metadataLocks) return this.#rows
    const [rows = []] = (await perhaps(ask<MetadataLock>(METADATA_LOCKS), isOver)) ?? []
    return new Map([...metadataWaits(rows), ...this.#rows])
  }
}

const transactionOf = (raw: RawTransaction, hasAddress: boolean): Transaction => ({
  trx: String(raw.trx),
  id: String(raw.id),
  waits: Number(raw.waits) === 1,
  lockId: raw.lockId,
  ...(raw.lockId !== null && { place: placeOf(raw.lockId, hasAddress) }),
  ms: Number(raw.ms ?? 0),
  waitMs: Number(raw.waitMs ?? 0),
})
