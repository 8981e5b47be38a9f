// What statements did, from pg_stat_statements: the change of its counters, a few times a minute.
import type { Sample } from '../../model/index.ts'
import { MARK } from './mark.ts'
import type { Ask } from './names.ts'
import { redact } from './redact.ts'

/** One statement's counters, summed over users, databases and kinds of call. */
export interface Counted {
  id: string
  calls: number
  /** Planning is in it where the server counts it. */
  totalMs: number
  rows: number
  blocksRead: number
}

type Told = NonNullable<Sample['statements']>

/** Between two readings, milliseconds, less than ten ticks by their jitter: 5,000 entries take the server 6 ms. */
const EVERY_MS = 9_900
/** Texts lie in a file that is read whole (37 ms for 5,000): much less often, milliseconds. */
const TEXTS_EVERY_MS = 60_000
/** After it was refused or too slow, it is left alone for so long, milliseconds. */
const REST_MS = 300_000
/** Those with most time are told; the rest of a reading together is little. */
const MOST_TOLD = 100
const STATEMENT_CHARS = 4_000
const MOST_TEXTS = 2_000

/** Keeps what the counters were, for the length of one connection. */
export class StatementCounts {
  readonly #everyMs: number
  /** Null where there is no pg_stat_statements. */
  #source: Source | null | undefined
  #before: Map<string, Counted> | undefined
  #readAt = Number.NEGATIVE_INFINITY
  #textsAt = Number.NEGATIVE_INFINITY
  readonly #texts = new Map<string, string>()

  constructor(everyMs = EVERY_MS) {
    this.#everyMs = everyMs
  }

  /** Undefined when it is not time, or there is nothing to read. Never fails the sample. */
  async read(ask: Ask): Promise<Told | undefined> {
    const now = performance.now()
    if (this.#source === null || now - this.#readAt < this.#everyMs) return undefined
    this.#readAt = now
    try {
      this.#source ??= await findSource(ask)
      if (this.#source === null) return undefined
      const counted = await ask<Counted>(this.#source.counters)
      const changed = changes(this.#before, counted).slice(0, MOST_TOLD)
      this.#before = new Map(counted.map(one => [one.id, one]))
      await this.#learnTexts(ask, this.#source, changed)
      return changed.flatMap(one => this.#tell(one))
    } catch {
      this.#before = undefined
      this.#readAt = now + REST_MS
      return undefined
    }
  }

  async #learnTexts(ask: Ask, { texts }: Source, changed: Counted[]): Promise<void> {
    const missing = changed.map(({ id }) => id).filter(id => !this.#texts.has(id))
    const now = performance.now()
    if (missing.length === 0 || now - this.#textsAt < TEXTS_EVERY_MS) return
    this.#textsAt = now
    if (this.#texts.size + missing.length > MOST_TEXTS) this.#texts.clear()
    for (const { id, text } of await ask<{ id: string; text: string }>(texts, [missing]))
      this.#texts.set(id, text.includes(MARK) ? OWN : redact(text))
  }

  /** Spillway's own are known by their text, and left out. */
  #tell({ id, ...counts }: Counted): Told {
    const statement = this.#texts.get(id)
    if (statement === OWN) return []
    return [{ statementId: id, ...(statement && { statement }), ...counts }]
  }
}

/** In place of the text of a statement of Spillway. */
const OWN = MARK

/**
 * What each statement did between two readings, most time first; nothing without a reading before. A counter that fell, and
 * one that was not there, began at zero meanwhile: it was reset, evicted, or is new.
 */
export const changes = (
  before: ReadonlyMap<string, Counted> | undefined,
  now: readonly Counted[],
): Counted[] => {
  if (before === undefined) return []
  const since = (one: Counted): Counted => {
    const then = before.get(one.id)
    if (then === undefined || one.calls < then.calls || one.totalMs < then.totalMs) return one
    return {
      id: one.id,
      calls: one.calls - then.calls,
      totalMs: one.totalMs - then.totalMs,
      rows: one.rows - then.rows,
      blocksRead: one.blocksRead - then.blocksRead,
    }
  }
  return now
    .map(since)
    .filter(({ calls }) => calls > 0)
    .sort((a, b) => b.totalMs - a.totalMs)
}

interface Source {
  counters: string
  texts: string
}

/** Null where the extension is not in this database. Its version, not the server's, decides on the columns. */
const findSource = async (ask: Ask): Promise<Source | null> => {
  const [found] = await ask<{ schema: string; columns: string[] }>(FIND_SQL)
  if (found === undefined) return null
  const has = new Set(found.columns)
  const time = has.has('total_time') ? 'total_time' : 'total_exec_time + total_plan_time'
  // Nested ones are counted within the statement that called them as well.
  const outer = has.has('toplevel') ? ' and toplevel' : ''
  return {
    counters: `/* spillway */
select queryid::text as id, sum(calls)::float8 as calls, sum(${time})::float8 as "totalMs", sum(rows)::float8 as rows,
  sum(shared_blks_read)::float8 as "blocksRead"
from ${found.schema}.pg_stat_statements(false) where queryid is not null${outer} group by queryid`,
    texts: `/* spillway */
select distinct on (queryid) queryid::text as id, left(query, ${STATEMENT_CHARS}) as text
from ${found.schema}.pg_stat_statements(true) where queryid = any($1::int8[]) and query is not null`,
  }
}

const FIND_SQL = `/* spillway */
select quote_ident(nspname) as schema, proargnames::text[] as columns
from pg_extension join pg_namespace n on n.oid = extnamespace
  join pg_proc on pronamespace = extnamespace and proname = 'pg_stat_statements' and 'queryid' = any(proargnames)
where extname = 'pg_stat_statements'`
