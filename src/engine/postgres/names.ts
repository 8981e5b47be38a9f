// Names of roles, databases and relations by oid, remembered, because the sample must not touch a catalog.
import { plain } from './redact.ts'
import { ROLE_LIMITS_SQL } from './slots.ts'

/** Runs one statement on the held connection and returns its rows. With a name it is planned once and kept there. */
export type Ask = <Row>(sql: string, values?: unknown[], name?: string) => Promise<Row[]>

/** What must be known anew from time to time, milliseconds: databases come, limits change. */
const REFRESH_MS = 60_000
/** After the catalogs did not answer, they are left alone for so long, milliseconds. */
const REST_MS = 10_000
/** Most names of one kind that are kept. */
const MAX_NAMES = 10_000

const SQL = {
  user: '/* spillway */ select oid::text, rolname as name from pg_roles where oid = any($1::oid[])',
  database: '/* spillway */ select oid::text, datname as name from pg_database where oid = any($1::oid[])',
  relation: '/* spillway */ select oid::text, relname as name from pg_class where oid = any($1::oid[])',
}
export type Kind = keyof typeof SQL

export class Names {
  /** Oids of all databases. */
  databases: string[] = []
  roleLimits: Record<string, number> = {}
  readonly #known: Record<Kind, Map<string, string>> = {
    user: new Map(),
    database: new Map(),
    relation: new Map(),
  }
  #refreshAt = 0
  #restUntil = 0

  of(kind: Kind, oid: string | null): string | undefined {
    return oid === null ? undefined : this.#known[kind].get(oid)
  }

  /** Reads what is new. A catalog that is locked leaves names unknown and never fails the sample. */
  async learn(ask: Ask, seen: Record<Kind, Iterable<string | null>>): Promise<void> {
    const now = performance.now()
    if (now < this.#restUntil) return
    try {
      if (now >= this.#refreshAt) await this.refresh(ask)
      for (const kind of ['user', 'database', 'relation'] as const)
        await this.#learnKind(ask, kind, seen[kind])
    } catch {
      this.#restUntil = performance.now() + REST_MS
    }
  }

  async refresh(ask: Ask): Promise<void> {
    const databases = await ask<{ oid: string; name: string }>(
      '/* spillway */ select oid::text, datname as name from pg_database order by oid',
    )
    const [row] = await ask<{ limits: Record<string, number> }>(`/* spillway */ ${ROLE_LIMITS_SQL}`)
    this.databases = databases.map(({ oid }) => oid)
    this.roleLimits = row?.limits ?? {}
    this.#refreshAt = performance.now() + REFRESH_MS
  }

  async #learnKind(ask: Ask, kind: Kind, oids: Iterable<string | null>): Promise<void> {
    const known = this.#known[kind]
    const missing = [...new Set(oids)].filter(oid => oid !== null && oid !== '0' && !known.has(oid))
    if (missing.length === 0) return
    if (known.size + missing.length > MAX_NAMES) known.clear()
    for (const { oid, name } of await ask<{ oid: string; name: string }>(SQL[kind], [missing])) {
      known.set(oid, plain(name))
    }
    // Dropped meanwhile: asking again would not help.
    for (const oid of missing) if (oid !== null && !known.has(oid)) known.set(oid, `oid ${oid}`)
  }
}
