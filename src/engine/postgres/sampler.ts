// When to ask the server for what: the sessions with every sample, the lock table while somebody waits, counters about
// once a second, everybody anew from time to time.
import type { Sample, Signals } from '../../model/index.ts'
import { type Counters, countersOf, countersSql, rates } from './counters.ts'
import { type Backend, Crowd } from './crowd.ts'
import type { Facts } from './facts.ts'
import { type LockRow, locksSql } from './lock.ts'
import type { Ask, Names } from './names.ts'
import { blockersOf, type Queues } from './queue.ts'
import {
  type ActivityRow,
  EVER,
  type Header,
  MAX_LOOKS,
  ROSTER_SQL,
  type SampleKind,
  sampleSql,
  sampleValues,
} from './sample.sql.ts'
import { gauges, sampleOf } from './sample.ts'

/** Everybody is read again after this time, milliseconds: heals what crowd.ts cannot see. */
const REREAD_MS = 30_000
/** Backends report about once a second: to ask more often says nothing. Milliseconds. */
const COUNTERS_MS = 950
/** After the counters did not come, they are left alone for so long, milliseconds. */
const COUNTERS_REST_MS = 10_000
/** Since 15 counters are in shared memory. */
const SHARED_COUNTERS = 150_000
/**
 * The lock table is read for no more than this share of the time; in between, the last reading holds. New waiters are
 * worth more.
 */
const LOCKS_SHARE = { known: 1 / 50, new: 1 / 10 }

type SampleRow = Header & (ActivityRow | { pid: null })

/** Takes samples over one held connection. Behind a pooler that changes servers `prepared` must be false. */
export class Sampler {
  readonly #facts: Facts
  readonly #names: Names
  readonly #prepared: boolean
  readonly #crowd = new Crowd()
  #rereadAt = 0
  /** Of the last reading; empty while nobody waits. */
  #locks: LockRow[] = []
  #blockers: { of: LockRow[]; map: Map<number, string[]> } = { of: this.#locks, map: new Map() }
  #locksReadAt = Number.NEGATIVE_INFINITY
  #locksTookMs = 0
  #counters: Counters | undefined
  #countersAt = 0

  constructor(facts: Facts, names: Names, prepared: boolean) {
    this.#facts = facts
    this.#names = names
    this.#prepared = prepared
  }

  async sample(ask: Ask): Promise<Sample> {
    // First the locks, then the sessions: who is known to wait need not be looked at.
    if (this.#locks.length > 0) await this.#readLocks(ask, kindsOf(this.#locks), LOCKS_SHARE.known)
    const counters = (await this.#readSessions(ask)) ?? (await this.#readCounters(ask))
    const { backends, at } = this.#crowd
    const known = waitersOf(this.#locks)
    const all = [...backends.values()].filter(({ waitType }) => waitType === 'Lock')
    if (all.some(({ pid }) => !known.has(pid))) {
      const kinds = all.flatMap(({ waitEvent }) => waitEvent ?? [])
      await this.#readLocks(ask, [...new Set(kinds)], LOCKS_SHARE.new)
    }

    const clients = [...backends.values()].filter(({ client }) => client)
    const database = Number(this.#facts.database)
    await this.#names.learn(ask, {
      user: clients.map(({ userId }) => userId),
      database: clients.map(({ databaseId }) => databaseId),
      relation: this.#locks.filter(lock => lock.databaseId === database).map(lock => String(lock.relationId)),
    })
    const locks = { locks: this.#locks, blockers: this.#blockersNow() }
    const sample = sampleOf({ at, backends, ...locks, database, ceilings: this.#facts.limits }, this.#names)
    return { ...sample, signals: { ...this.#rates(counters), ...gauges(sample, clients.length) } }
  }

  /** Asks once more when more sessions changed than were foreseen, or when one came whom the answer does not have. */
  async #readSessions(ask: Ask, again = false): Promise<Counters | null> {
    const crowd = this.#crowd
    const now = performance.now()
    if (now >= this.#rereadAt) crowd.forget()
    const { since, everybody, recheck } = crowd
    if (since === EVER) this.#rereadAt = now + REREAD_MS
    const { version, seesAll } = this.#facts
    const { databases } = this.#names
    const waiting = waitersOf(this.#locks)
    const counters = version >= SHARED_COUNTERS && now >= this.#countersAt && databases.length > 0
    const kind = { everybody, waiting: waiting.size > 0, counters, hidden: !seesAll }
    const values = sampleValues(kind, since, recheck, waiting.keys(), databases)
    const rows = await this.#ask<SampleRow>(ask, nameOf(kind), sampleSql(version, kind), values)
    const header = rows[0]!
    if (!everybody && header.changed > MAX_LOOKS) {
      crowd.expect(header.changed)
      return this.#readSessions(ask, again)
    }
    if (counters) this.#countersAt = now + COUNTERS_MS
    const found = rows.filter(row => row.pid !== null)
    const isComplete = crowd.take(header, found, waiting) || (await this.#meet(ask))
    if (!isComplete && !again) await this.#readSessions(ask, true)
    return header.counters && countersOf(version, header.counters)
  }

  async #meet(ask: Ask): Promise<boolean> {
    const present = await this.#ask<{ pid: number }>(ask, 'roster', ROSTER_SQL)
    return this.#crowd.meet(present.map(({ pid }) => pid))
  }

  /** Only locks of the kinds that are waited for matter; when there are others than it was told, it asks again. */
  async #readLocks(ask: Ask, kinds: string[], share: number): Promise<void> {
    if (performance.now() < this.#locksReadAt + this.#locksTookMs / share) return
    const sql = locksSql(this.#facts.version)
    const rows = await this.#ask<LockRow & { took: number | null }>(ask, 'locks', sql, [kinds])
    this.#locksTookMs = (rows.pop()?.took ?? 0) / 1_000
    this.#locksReadAt = performance.now()
    const awaited = kindsOf(rows)
    this.#locks = awaited.length > 0 ? rows : []
    const isMissing = awaited.some(kind => !kinds.includes(kind))
    if (isMissing) await this.#readLocks(ask, [...new Set([...kinds, ...awaited])], Number.POSITIVE_INFINITY)
  }

  /** Worked out once for each reading. */
  #blockersNow(): Map<number, string[]> {
    if (this.#blockers.of !== this.#locks)
      this.#blockers = { of: this.#locks, map: blockersOf(this.#locks, queuesOf(this.#crowd.backends)) }
    return this.#blockers.map
  }

  /**
   * Up to 14 a file is read for them, and its writer waited for: on a starved server that may take longer than the deadline
   * of a statement. They must not cost the sample.
   */
  async #readCounters(ask: Ask): Promise<Counters | null> {
    const { version } = this.#facts
    const { databases } = this.#names
    if (version >= SHARED_COUNTERS || performance.now() < this.#countersAt || databases.length === 0)
      return null
    try {
      this.#countersAt = performance.now() + COUNTERS_MS
      const sql = `/* spillway */ select ${countersSql(version, '$1::oid[]')} as counters`
      const [row] = await this.#ask<{ counters: string[] }>(ask, 'counters', sql, [databases])
      return countersOf(version, row!.counters)
    } catch {
      this.#countersAt = performance.now() + COUNTERS_REST_MS
      return null
    }
  }

  #rates(now: Counters | null): Signals {
    if (now === null) return {}
    const signals = rates(this.#counters, now)
    this.#counters = now
    return signals
  }

  #ask<Row>(ask: Ask, name: string, sql: string, values?: unknown[]): Promise<Row[]> {
    return ask<Row>(sql, values, this.#prepared ? `spillway_${name}` : undefined)
  }
}

const nameOf = (kind: SampleKind): string =>
  ['sample', ...Object.entries(kind).flatMap(([name, is]) => (is ? name : []))].join('_')

/** Version 12 does not name a worker's leader: it is the client that began its transaction at the same microsecond. */
const queuesOf = (backends: ReadonlyMap<number, Backend>): Queues => {
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

/** What each waits for, by pid. */
const waitersOf = (locks: readonly LockRow[]): Map<number, string> =>
  new Map(locks.flatMap(({ pid, granted, type }) => (granted || pid === null ? [] : [[pid, type]])))

const kindsOf = (locks: readonly LockRow[]): string[] => [...new Set(waitersOf(locks).values())]
