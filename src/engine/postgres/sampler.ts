// When to ask the server for what: the sessions with every sample, the lock table while somebody waits, counters about
// once a second, everybody anew from time to time.
import type { Sample, Signals } from '../../model/index.ts'
import { ServerClock } from './clock.ts'
import { type Counters, countersSql, rates } from './counters.ts'
import { Crowd, type Header } from './crowd.ts'
import type { Facts } from './facts.ts'
import { type LockRow, locksSql } from './lock.ts'
import type { Ask, Names } from './names.ts'
import { type ActivityRow, EVER, ROSTER_SQL, type SampleValues, sampleSql } from './sample.sql.ts'
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

type SampleRow = ActivityRow & { header: (Header & { counters: Counters | null }) | null }

/** Takes samples over one held connection. Behind a pooler that changes servers `prepared` must be false. */
export class Sampler {
  readonly #facts: Facts
  readonly #names: Names
  readonly #prepared: boolean
  readonly #crowd = new Crowd()
  #rereadAt = 0
  /** Of the last reading; empty while nobody waits. */
  #locks: LockRow[] = []
  #locksReadAt = Number.NEGATIVE_INFINITY
  #locksTookMs = 0
  readonly #clock = new ServerClock()
  #counters: Counters | undefined
  #countersAt = 0

  constructor(facts: Facts, names: Names, prepared: boolean) {
    this.#facts = facts
    this.#names = names
    this.#prepared = prepared
  }

  async sample(ask: Ask): Promise<Sample> {
    const { databases } = this.#names
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
    const sample = sampleOf(
      { at, backends, locks: this.#locks, database, ceilings: this.#facts.limits },
      this.#names,
    )
    // Without the ages of hidden statements the clock is not right.
    const exact =
      counters && this.#facts.seesAll ? this.#clock.read(counters, databases, sample.sessions) : {}
    const signals = { ...this.#rates(counters), ...gauges(sample, clients.length), ...exact }
    return { ...sample, signals }
  }

  /** Asks once more when somebody came whom the answer does not have. */
  async #readSessions(ask: Ask, again = false): Promise<Counters | null> {
    const crowd = this.#crowd
    const now = performance.now()
    if (now >= this.#rereadAt) crowd.forget()
    const { since } = crowd
    if (since === EVER) this.#rereadAt = now + REREAD_MS
    const waiting = waitersOf(this.#locks)
    const wantsCounters = !again && this.#facts.version >= SHARED_COUNTERS && now >= this.#countersAt
    const values: SampleValues = [
      since,
      crowd.recheck,
      [...waiting.keys()],
      wantsCounters ? this.#names.databases : [],
    ]
    const [first, ...rows] = await this.#ask<SampleRow>(ask, 'sample', sampleSql(this.#facts.version), values)
    const header = first!.header!
    if (header.counters !== null) this.#countersAt = now + COUNTERS_MS
    if (!crowd.take(header, rows, waiting)) {
      const present = await this.#ask<{ pid: number }>(ask, 'roster', ROSTER_SQL)
      const isKnown = crowd.meet(present.map(({ pid }) => pid))
      if (!isKnown && !again) await this.#readSessions(ask, true)
    }
    return header.counters
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

  /**
   * Up to 14 a file is read for them, and its writer waited for: on a starved server that may take longer than the deadline
   * of a statement. They must not cost the sample.
   */
  async #readCounters(ask: Ask): Promise<Counters | null> {
    if (this.#facts.version >= SHARED_COUNTERS || performance.now() < this.#countersAt) return null
    try {
      this.#countersAt = performance.now() + COUNTERS_MS
      const sql = `/* spillway */ ${countersSql(this.#facts.version, '$1::oid[]')}`
      const [row] = await this.#ask<{ counters: Counters }>(ask, 'counters', sql, [this.#names.databases])
      return row?.counters ?? null
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

/** What each waits for, by pid. */
const waitersOf = (locks: readonly LockRow[]): Map<number, string> =>
  new Map(locks.flatMap(({ pid, granted, type }) => (granted || pid === null ? [] : [[pid, type]])))

const kindsOf = (locks: readonly LockRow[]): string[] => [...new Set(waitersOf(locks).values())]
