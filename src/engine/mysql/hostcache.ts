// Failed connections of other clients: by kind from the server's counters, by client host from its host cache.
// https://dev.mysql.com/doc/refman/en/performance-schema-host-cache-table.html
import type { Failure } from '../../model/index.ts'
import { type Counters, type Failed, failuresOf } from './counters.ts'
import type { Flags } from './flags.ts'
import type { Own } from './probe.ts'
import { type Ask, errnoOf } from './wire.ts'

const KINDS: Record<string, Failure> = {
  COUNT_HOST_BLOCKED_ERRORS: 'host-blocked',
  COUNT_HOST_ACL_ERRORS: 'not-permitted',
  COUNT_HANDSHAKE_ERRORS: 'connection-reset',
  COUNT_AUTHENTICATION_ERRORS: 'authentication-failed',
  COUNT_NO_AUTH_PLUGIN_ERRORS: 'authentication-failed',
  COUNT_AUTH_PLUGIN_ERRORS: 'authentication-failed',
  COUNT_SSL_ERRORS: 'tls-certificate',
  COUNT_MAX_USER_CONNECTIONS_ERRORS: 'role-limit',
  COUNT_MAX_USER_CONNECTIONS_PER_HOUR_ERRORS: 'role-limit',
  COUNT_DEFAULT_DATABASE_ERRORS: 'database-unknown',
  COUNT_INIT_CONNECT_ERRORS: 'query-failed',
  COUNT_LOCAL_ERRORS: 'out-of-memory',
  COUNT_UNKNOWN_ERRORS: 'unclassified',
}

/** The cache itself has about a thousand entries at most. */
const SQL = `/* spillway */ select ip as ip, ${Object.keys(KINDS)
  .map(name => `${name} as ${name}`)
  .join(', ')} from performance_schema.host_cache
  where sum_connect_errors > 0 or ${Object.keys(KINDS).join(' + ')} > 0 limit 1000`

type Row = Record<string, string | number | null>

export class Failures {
  #before: Map<string, Row> | undefined

  /** Since the last call. The cache is read only when a counter says that something failed. */
  async since(
    ask: Ask,
    flags: Flags,
    before: Counters | undefined,
    now: Counters,
    own: Own,
  ): Promise<Failed[]> {
    const counted = failuresOf(before, now)
    if (!flags.hostCache || (this.#before !== undefined && counted.length === 0)) {
      return withoutOwn(counted, own)
    }
    const rows = await ask<Row>(SQL)
      .then(([first = []]) => first)
      .catch((error: unknown) => {
        // A refusal costs this answer only; a late one costs the connection, and is told as what it is.
        if (Number.isNaN(errnoOf(error))) throw error
        return undefined
      })
    if (rows === undefined) return withoutOwn(counted, own)
    const byHost = this.#before === undefined ? [] : rows.flatMap(row => this.#changes(row))
    this.#before = new Map(rows.map(row => [String(row.ip), row]))
    return withoutOwn(merge(counted, byHost), own)
  }

  #changes(row: Row): Failed[] {
    const last = this.#before?.get(String(row.ip))
    return Object.entries(KINDS).flatMap(([kind, failure]): Failed[] => {
      const count = Number(row[kind]) - Number(last?.[kind] ?? 0)
      const native = { code: kind, message: '' }
      return count > 0 ? [{ source: 'counter', failure, native, host: String(row.ip), count }] : []
    })
  }
}

/** What the cache tells by host is taken off the counts that have it without: each attempt is told once. */
const merge = (counted: Failed[], byHost: Failed[]): Failed[] => {
  const left = new Map<string, number>()
  for (const { failure, count } of byHost) left.set(failure, (left.get(failure) ?? 0) + count)
  const rest = counted.flatMap((one): Failed[] => {
    const same = take(left, one.failure, one.count)
    // Whatever ended before the login stands in the residue too.
    const other = one.failure === 'unclassified' ? takeAny(left, one.count - same) : 0
    const count = one.count - same - other
    return count > 0 ? [{ ...one, count }] : []
  })
  return [...byHost, ...rest]
}

const take = (left: Map<string, number>, failure: string, most: number): number => {
  const taken = Math.min(most, left.get(failure) ?? 0)
  left.set(failure, (left.get(failure) ?? 0) - taken)
  return taken
}

const takeAny = (left: Map<string, number>, most: number): number =>
  [...left.keys()].reduce((taken, failure) => taken + take(left, failure, most - taken), 0)

/** The probe's own attempts fail like everybody's: these are no other client's. */
const withoutOwn = (failures: Failed[], own: Own): Failed[] => {
  const mine = [...own.failed]
  own.failed = []
  return failures.flatMap((one): Failed[] => {
    let { count } = one
    while (count > 0) {
      const at = mine.findIndex(failure => countedAs(failure, one))
      if (at < 0) break
      mine.splice(at, 1)
      count--
    }
    return count > 0 ? [{ ...one, count }] : []
  })
}

const countedAs = (failure: Failure, { failure: told }: Failed): boolean =>
  failure === told ||
  (failure === 'reserved-slots-only' && told === 'slots-exhausted') ||
  (told === 'unclassified' && failure !== 'slots-exhausted')
