// When to ask the server for what: the sessions with every sample, the lock table while somebody waits, counters about
// once a second, everybody anew from time to time.
import { AppError, type Sample, type Signals } from '../../model/index.ts'
import { ServerClock } from './clock.ts'
import { type Counters, countersOf, countersSql, rates } from './counters.ts'
import { type Backend, Crowd } from './crowd.ts'
import type { Facts } from './facts.ts'
import { LockTable } from './locktable.ts'
import { sharedText } from './mark.ts'
import type { Ask, Names } from './names.ts'
import {
  type ActivityRow,
  EVER,
  type Header,
  maxLooks,
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
type SampleRow = Header & (ActivityRow | { pid: null })

/** Takes samples over one held connection. Behind a pooler that changes servers `prepared` must be false. */
export class Sampler {
  readonly #facts: Facts
  readonly #names: Names
  readonly #prepared: boolean
  readonly #crowd = new Crowd()
  #rereadAt = 0
  /** False while some text is in no encoding that can be sent. */
  #texts = true
  readonly #locks: LockTable
  readonly #clock = new ServerClock()
  #counters: Counters | undefined
  #countersAt = 0
  #lag: number | null = null
  /** Readers of Aurora are in recovery, and know nothing of it. */
  #tellsLag: boolean

  constructor(facts: Facts, names: Names, prepared: boolean) {
    this.#facts = facts
    this.#tellsLag = facts.standby
    this.#names = names
    this.#prepared = prepared
    this.#locks = new LockTable(facts.version, this.#named('locks'))
  }

  async sample(ask: Ask): Promise<Sample> {
    const { databases } = this.#names
    const locks = this.#locks
    await locks.readAgain(ask)
    const counters = (await this.#readSessions(ask)) ?? (await this.#readCounters(ask))
    const { backends, at } = this.#crowd
    await locks.readNew(ask, backends)

    const database = Number(this.#facts.database)
    await this.#names.learn(ask, { ...idsOf(backends), relation: locks.relations(database) })
    const seen = { at, backends, database, locks: locks.byPid, blockers: locks.blockers(backends) }
    const sample = sampleOf({ ...seen, ceilings: this.#facts.limits }, this.#names)
    const connections = [...backends.values()].filter(({ client }) => client).length
    // Without the ages of hidden statements the clock is not right.
    const exact =
      counters && this.#facts.seesAll ? this.#clock.read(counters, databases, sample.sessions) : {}
    const behind = this.#lag === null ? {} : { replica_lag_s: Math.max(0, this.#lag) }
    const signals = { ...this.#rates(counters), ...gauges(sample, connections), ...exact, ...behind }
    return { ...sample, signals }
  }

  /** Asks once more when more sessions changed than were foreseen, or when one came whom the answer does not have. */
  async #readSessions(ask: Ask, again = false): Promise<Counters | null> {
    const crowd = this.#crowd
    const now = performance.now()
    if (now >= this.#rereadAt) {
      crowd.forget()
      this.#texts = true
    }
    const { since, everybody, recheck } = crowd
    if (since === EVER) this.#rereadAt = now + REREAD_MS
    const { version, seesAll } = this.#facts
    const { databases } = this.#names
    const waiting = this.#locks.waiters
    const counters = version >= SHARED_COUNTERS && now >= this.#countersAt && databases.length > 0
    const [hidden, texts] = [!seesAll, this.#texts]
    const kind = { everybody, waiting: waiting.size > 0, counters, hidden, texts, lag: this.#tellsLag }
    const values = sampleValues(kind, since, recheck, waiting.keys(), databases)
    let rows: SampleRow[]
    try {
      const name = nameOf(kind)
      const sql = sharedText(`${version} ${name}`, () => sampleSql(version, kind))
      rows = await ask<SampleRow>(sql, values, this.#named(name))
    } catch (error) {
      if (kind.lag && isCode(error, NOT_SUPPORTED)) this.#tellsLag = false
      else if (kind.texts && isCode(error, UNREADABLE)) this.#texts = false
      else throw error
      return this.#readSessions(ask, again)
    }
    const header = rows[0]!
    if (!everybody && header.changed > maxLooks(header.sessions)) {
      crowd.expect(header)
      return this.#readSessions(ask, again)
    }
    if (counters) this.#countersAt = now + COUNTERS_MS
    this.#lag = header.lag
    const found = rows.filter(row => row.pid !== null)
    const isComplete = crowd.take(header, found, waiting) || (await this.#meet(ask))
    if (!isComplete && !again) await this.#readSessions(ask, true)
    return header.counters && countersOf(version, header.counters)
  }

  async #meet(ask: Ask): Promise<boolean> {
    const present = await ask<{ pid: number }>(ROSTER_SQL, [], this.#named('roster'))
    return this.#crowd.meet(present.map(({ pid }) => pid))
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
      const [row] = await ask<{ counters: string[] }>(sql, [databases], this.#named('counters'))
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

  #named(name: string): string | undefined {
    return this.#prepared ? `spillway_${name}` : undefined
  }
}

/** Another session's text is in an encoding of its own, or in none: it does not fit ours. */
const UNREADABLE = ['22021', '22P05']
/** Functions that this server does not have, or not now. */
const NOT_SUPPORTED = ['0A000', '55000']

const isCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof AppError && codes.includes((error.cause as { code?: string } | undefined)?.code ?? '')

const nameOf = (kind: SampleKind): string =>
  ['sample', ...Object.entries(kind).flatMap(([name, is]) => (is ? name : []))].join('_')

const idsOf = (backends: ReadonlyMap<number, Backend>): { user: Set<string>; database: Set<string> } => {
  const ids = { user: new Set<string>(), database: new Set<string>() }
  for (const { client, userId, databaseId } of backends.values()) {
    if (client && userId !== null) ids.user.add(userId)
    if (client && databaseId !== null) ids.database.add(databaseId)
  }
  return ids
}
