// One look at the sessions: from the performance schema only those that do something, with the others remembered; from
// the process list everybody.
import type { RawTransaction } from './blocking.ts'
import type { Flags } from './flags.ts'
import { type Active, Roster } from './roster.ts'
import { ALL_SESSIONS, activeSql, listSql } from './sample.sql.ts'
import { isClient, type RawSession, type RawStatement, rawOf, type Shown } from './sample.ts'
import type { RawLimits } from './slots.ts'
import type { Ask } from './wire.ts'

export interface Look {
  /** Everybody was read anew; otherwise nobody came or went. */
  isFresh: boolean
  /** Every client there is, Spillway too. */
  clients: RawSession[]
  statements: RawStatement[]
  /** Absent when they were not asked for. */
  transactions: RawTransaction[] | undefined
  limits: RawLimits
  /** For how long a session has been idle, milliseconds. */
  idleMs(raw: RawSession): number
  /** Total age of the statements that run, Spillway's not among them, milliseconds; where the server times them. */
  runningMs: number | undefined
}

export interface Asks {
  once: Ask
  /** For statements that are repeated with every sample. */
  again: Ask
}

/** Most active sessions that are looked up one by one: each costs about 15 µs at 1,000 connections, reading all 200. */
const FEW = 16

/** Most characters of statements in one sample, all sessions together. */
const MAX_TEXT = 500_000

type Row = { spillway: string; thread?: string | null } & Active &
  RawStatement &
  RawTransaction &
  RawLimits & {
    statementMs: string | null
    waitEvent?: string | null
    present: string
    ever: string
  }

export class Onlooker {
  #flags: Flags
  readonly #ownId: string
  readonly #roster = new Roster()
  /** Every session is instrumented. */
  #isWhole = true
  #active = 0
  #logins = 0
  /** Once there was more text than anybody reads, the server cuts it. */
  #isWordy = false

  constructor(flags: Flags, ownId: string) {
    this.#flags = flags
    this.#ownId = ownId
  }

  /** `logins`: how often this process has logged in at the server so far. */
  look(asks: Asks, transactions: boolean, logins: number): Promise<Look> {
    return this.#flags.threads
      ? this.#lookAtActive(asks, transactions, logins)
      : this.#lookAtAll(asks, transactions)
  }

  /** The next look sees everybody anew. */
  forget(): void {
    this.#roster.forget()
  }

  async #lookAtActive(asks: Asks, transactions: boolean, logins: number): Promise<Look> {
    const joined = this.#isWhole && this.#active <= FEW
    const [rows = []] = await asks.again<Row>(activeSql(this.#flags, { transactions, joined }))
    const kind = (name: string) => rows.filter(({ spillway }) => spillway === name)
    const active = unique(kind('session'))
    const statements = statementsOf(rows)
    if (this.#flags.digests && !statements.some(({ id }) => String(id) === this.#ownId)) {
      // This very statement runs, and is not among those that run: somebody has switched them off.
      this.#flags = { ...this.#flags, digests: false }
      return this.#lookAtActive(asks, transactions, logins)
    }
    this.#active = active.length
    const [totals] = kind('totals')
    const count = { present: Number(totals?.present), ever: Number(totals?.ever) }
    const now = performance.now()
    const isFresh = this.#roster.isStale(count, logins - this.#logins, active, now)
    if (isFresh) {
      const [all = []] = await asks.again<RawSession & { instrumented: string | number }>(ALL_SESSIONS)
      this.#roster.take(all, count, now)
      this.#logins = logins
      // Sessions that setup_actors leaves out are seen in `threads` alone.
      this.#isWhole = all.every(one => Number(one.instrumented) === 1 || !isClient(one))
    }
    return {
      isFresh,
      clients: this.#roster.present(active, now).filter(isClient),
      statements,
      transactions: transactions ? kind('transaction') : undefined,
      limits: totals as RawLimits,
      idleMs: ({ id }) => this.#roster.idleMs(String(id), now),
      runningMs: this.#flags.digests && this.#isWhole ? this.#running(statements) : undefined,
    }
  }

  async #lookAtAll({ once }: Asks, transactions: boolean): Promise<Look> {
    const answers = await once<unknown>(listSql(this.#flags, { transactions, bounded: this.#isWordy }))
    const [rows, open, [limits]] = answers as [(RawSession | Shown)[], RawTransaction[], RawLimits[]]
    const clients = rows.map(rawOf).filter(isClient)
    this.#isWordy ||= clients.reduce((sum, { info }) => sum + (info?.length ?? 0), 0) > MAX_TEXT
    return {
      isFresh: true,
      clients,
      statements: [],
      transactions: transactions ? open : undefined,
      limits: limits as RawLimits,
      idleMs: ({ ms }) => Math.max(0, Number(ms ?? 0)),
      runningMs: undefined,
    }
  }

  /** A call and the statements of its procedure run at the same time: the first is told. */
  #running(statements: readonly RawStatement[]): number {
    const first = new Map<string, RawStatement>()
    for (const one of statements) {
      const id = String(one.id)
      const other = first.get(id)
      if (other === undefined || Number(one.event) < Number(other.event)) first.set(id, one)
    }
    first.delete(this.#ownId)
    return [...first.values()].reduce((sum, { ms }) => sum + Number(ms ?? 0), 0)
  }
}

/** One row a session; of several waits, each within the other, the innermost. */
const unique = (rows: readonly Row[]): Active[] => {
  const byId = new Map<string, Active>()
  const inOrder = [...rows].sort((a, b) => Number(a.waitEvent ?? 0) - Number(b.waitEvent ?? 0))
  for (const { id, command, ms, state, info, db, thread, wait } of inOrder) {
    byId.set(String(id), {
      ...{ id, command, ms, state, info },
      ...(thread == null && { db: db ?? null }),
      ...(wait !== undefined && { wait }),
    })
  }
  return [...byId.values()]
}

/** Running statements come with their session, or apart and by thread. */
const statementsOf = (rows: readonly Row[]): RawStatement[] => {
  const sessions = new Map(
    rows.flatMap(({ spillway, thread, id }) =>
      spillway === 'session' && thread != null ? [[thread, id]] : [],
    ),
  )
  return rows.flatMap(({ spillway, thread, id, digest, statementMs, event }) => {
    const session =
      spillway === 'statement' ? sessions.get(thread ?? '') : spillway === 'session' ? id : undefined
    return session === undefined || event === null ? [] : [{ id: session, digest, ms: statementMs, event }]
  })
}
