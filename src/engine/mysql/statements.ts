// What statements did, by DIGEST, and the exact load: the server adds up the time of every statement that ended.
// https://dev.mysql.com/doc/refman/en/performance-schema-statement-summary-tables.html
import type { StatementDelta } from '../../model/index.ts'
import { fingerprint, plain, redact } from './redact.ts'
import type { Ask } from './wire.ts'

export interface Done {
  /** Dearest first. */
  statements: Omit<StatementDelta, 't'>[]
  /** Average active sessions since the last reading; not after the summary was emptied. */
  aas: number | undefined
}

/** Soon after the first reading, which tells nothing yet; then when it is worth it. Milliseconds. */
const FIRST_MS = 1_900
const LEAST_MS = 9_900
/** There may be ten thousand digests: the more there are, the less often they are read. Milliseconds. */
const MS_EACH = 3
/** Most statements told at a time, and most texts asked for. */
const MAX_STATEMENTS = 500
const MAX_TEXTS = 200
/** The last sight of a digest is taken by another clock at another moment. Seconds. */
const MARGIN_S = 30

interface Row {
  db: string | null
  digest: string | null
  calls: string
  ms: string
  rowsDone: string
}

interface Sum {
  calls: number
  ms: number
  rows: number
}

export class Statements {
  readonly #hasIdsLate: boolean
  #sums: Map<string, Sum> | undefined
  #runningMs = 0
  #askedAt = Number.NEGATIVE_INFINITY
  #readAt = Number.NEGATIVE_INFINITY
  #hasTold = false
  /** By digest; undefined for those of Spillway itself. */
  readonly #texts = new Map<string, string | undefined>()

  /** `hasIdsLate`: a statement gets its DIGEST when it has ended, so that sessions have the fingerprint of the text. */
  constructor(hasIdsLate: boolean) {
    this.#hasIdsLate = hasIdsLate
  }

  isDue(now: number): boolean {
    const leastMs = this.#hasTold ? LEAST_MS : FIRST_MS
    return now - this.#askedAt >= Math.max(leastMs, (this.#sums?.size ?? 0) * MS_EACH)
  }

  /** `runningMs`: total age of the statements that have not ended, at `now`. The first reading tells nothing. */
  async read(ask: Ask, runningMs: number | undefined, now: number): Promise<Done | undefined> {
    this.#askedAt = now
    const elapsedMs = now - this.#readAt
    const seconds = this.#sums === undefined ? undefined : Math.ceil(elapsedMs / 1_000) + MARGIN_S
    const [rows = []] = await ask<Row>(summarySql(seconds))
    const isFirst = this.#sums === undefined
    const changes = this.#changes(rows)
    const runningMsBefore = this.#runningMs
    this.#runningMs = runningMs ?? 0
    this.#readAt = now
    if (isFirst) return undefined
    this.#hasTold = true
    const dearest = [...changes].sort(([, a], [, b]) => b.ms - a.ms)
    // What is not learned now is learned when it changes again; a lost connection is said by the next sample.
    await this.#learn(ask, dearest).catch(() => undefined)
    const isOurs = (id: string) => this.#texts.has(id) && this.#texts.get(id) === undefined
    const others = dearest.filter(([id]) => !isOurs(id))
    const endedMs = others.reduce((sum, [, { ms }]) => sum + ms, 0)
    const wasEmptied = others.some(([, { calls }]) => calls < 0)
    const aas = Math.max(0, endedMs + (runningMs ?? 0) - runningMsBefore) / elapsedMs
    return {
      statements: others
        .filter(([id, { calls }]) => id !== '' && calls > 0)
        .slice(0, MAX_STATEMENTS)
        .map(([id, { calls, ms, rows }]) => {
          const statement = this.#texts.get(id)
          const statementId = this.#hasIdsLate && statement !== undefined ? fingerprint(statement) : id
          return { statementId, ...(statement !== undefined && { statement }), calls, totalMs: ms, rows }
        }),
      aas: runningMs === undefined || wasEmptied ? undefined : aas,
    }
  }

  /** By digest, over all databases. What did not fit into the summary has an empty one. */
  #changes(rows: readonly Row[]): Map<string, Sum> {
    const sums = this.#sums ?? new Map<string, Sum>()
    this.#sums = sums
    const changes = new Map<string, Sum>()
    for (const row of rows) {
      const key = JSON.stringify([row.db, row.digest])
      const now = { calls: Number(row.calls), ms: Number(row.ms), rows: Number(row.rowsDone) }
      const before = sums.get(key) ?? NOTHING
      sums.set(key, now)
      if (now.calls === before.calls) continue
      const id = row.digest ?? ''
      const sum = changes.get(id) ?? NOTHING
      changes.set(id, {
        calls: sum.calls + now.calls - before.calls,
        ms: sum.ms + now.ms - before.ms,
        rows: sum.rows + now.rows - before.rows,
      })
    }
    return changes
  }

  /** Texts are the widest part by far: each is fetched once. */
  async #learn(ask: Ask, changed: readonly (readonly [string, Sum])[]): Promise<void> {
    const missing = changed.map(([id]) => id).filter(id => DIGEST.test(id) && !this.#texts.has(id))
    if (missing.length === 0) return
    const [rows = []] = await ask<{ digest: string; text: string | null }>(
      textsSql(missing.slice(0, MAX_TEXTS)),
    )
    for (const { digest, text } of rows) {
      this.#texts.set(digest, OURS.test(text ?? '') ? undefined : redact(plain(text ?? '')))
    }
  }
}

const NOTHING: Sum = { calls: 0, ms: 0, rows: 0 }

/** 64 digits in MySQL 8, 32 before and in MariaDB. */
const DIGEST = /^[0-9a-f]{32,64}$/

const OURS = /^(?:(?:EXECUTE|PREPARE) )?[( ]*SELECT [?\w]+ AS `?spillway`?/i

const SUMMARY = 'performance_schema.events_statements_summary_by_digest'

/** What a procedure ran is in the time of its call, and nowhere else. */
const summarySql = (seconds: number | undefined): string => `/* spillway */
select 0 as spillway, schema_name as db, digest as digest, count_star as calls, sum_timer_wait / 1000000000 as ms,
  sum_rows_sent + sum_rows_affected as rowsDone
from ${SUMMARY} ${seconds === undefined ? '' : `where last_seen > now(6) - interval ${seconds} second`}`

const textsSql = (digests: readonly string[]): string => `/* spillway */
select 0 as spillway, digest as digest, left(max(digest_text), 4000) as text from ${SUMMARY}
where digest in (${digests.map(digest => `'${digest}'`).join(', ')}) group by digest`
