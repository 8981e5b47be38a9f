// What is looked up apart from the sample and remembered: the programs of sessions, the limits of accounts.
import type { Flags } from './flags.ts'
import { plain } from './redact.ts'
import { ACCOUNT_LIMITS_SQL } from './slots.ts'
import type { Ask } from './wire.ts'

/** Limits change now and then, milliseconds. */
const REFRESH_MS = 60_000
/** After a look-up failed it is left alone for so long, milliseconds. */
const REST_MS = 10_000
/** Most sessions that are looked up in one sample. */
const MAX_SESSIONS = 2_000
/** Looks after which a client that said nothing will not: one that is about to log in has said nothing yet. */
const LOOKS = 3

export class Names {
  accountLimits: ReadonlyMap<string, number> = new Map()
  /** By session id; empty for a client that does not say. A session keeps its program for life. */
  readonly #applications = new Map<string, string>()
  /** By session id, of those that have said nothing so far. */
  readonly #looks = new Map<string, number>()
  #refreshAt = 0
  #restUntil = 0

  application(id: string): string | undefined {
    return this.#applications.get(id) || undefined
  }

  /** Reads what is new and forgets what is gone. A failure leaves names unknown, unless it ends the connection. */
  async learn(ask: Ask, flags: Flags, ids: ReadonlySet<string>, isOver: () => boolean): Promise<void> {
    const now = performance.now()
    for (const known of [this.#applications, this.#looks])
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id)
    if (now < this.#restUntil) return
    try {
      if (flags.accounts && now >= this.#refreshAt) await this.#learnLimits(ask)
      if (flags.attributes) await this.#learnApplications(ask, ids)
    } catch (error) {
      if (isOver()) throw error
      this.#restUntil = performance.now() + REST_MS
    }
  }

  async #learnLimits(ask: Ask): Promise<void> {
    const [rows = []] = await ask<{ name: string; least: number }>(ACCOUNT_LIMITS_SQL)
    this.accountLimits = new Map(rows.map(({ name, least }) => [name, Number(least)]))
    this.#refreshAt = performance.now() + REFRESH_MS
  }

  async #learnApplications(ask: Ask, ids: ReadonlySet<string>): Promise<void> {
    const missing = [...ids].filter(id => !this.#applications.has(id)).slice(0, MAX_SESSIONS)
    if (missing.length === 0) return
    const [rows = []] = await ask<{ id: string; name: string | null }>(`/* spillway */
      select processlist_id as id, attr_value as name from performance_schema.session_connect_attrs
      where attr_name = 'program_name' and processlist_id in (${missing.map(Number).join(', ')})`)
    for (const { id, name } of rows) this.#applications.set(String(id), plain(name ?? ''))
    for (const id of missing.filter(id => !this.#applications.has(id))) {
      const looks = (this.#looks.get(id) ?? 0) + 1
      this.#looks.set(id, looks)
      if (looks >= LOOKS) this.#applications.set(id, '')
    }
  }
}
