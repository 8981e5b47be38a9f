// Cumulative counters of the server, and the rates between two readings.
import type { Failure, FailureCount, Signals } from '../../model/index.ts'

/** Status variables by name, read at `at` (seconds of this process's clock, which nobody sets). Any may be missing. */
export type Counters = { at: number } & Record<string, number | undefined>

/**
 * Rates per second between two readings; none after a restart or `FLUSH STATUS`. Spillway's own few statements are in
 * them, the rows that its samples read are not. InnoDB's row counters leave the server's own tables out; MariaDB has them under `Handler_…`. A commit under two
 * phases is counted once for each of the two parties, and so is its preparation: half of those are taken off.
 */
export const rates = (before: Counters | undefined, now: Counters): Signals => {
  if (before === undefined) return {}
  const seconds = now.at - before.at
  const change = (name: string): number | undefined => delta(before, now, name)
  if (wasReset(before, now)) return {}
  const per = (...names: string[]): number | undefined => {
    const changes = names.map(change).filter(one => one !== undefined)
    return changes.length === 0 ? undefined : Math.max(0, sum(changes)) / seconds
  }
  const written = (kind: 'inserted' | 'updated' | 'deleted', handler: string): number | undefined =>
    per(`Innodb_rows_${kind}`) ?? per(handler)
  const rows = {
    rows_inserted_per_s: written('inserted', 'Handler_write'),
    rows_updated_per_s: written('updated', 'Handler_update'),
    rows_deleted_per_s: written('deleted', 'Handler_delete'),
  }
  const changed = Object.values(rows).filter(rate => rate !== undefined)
  const [commits, logins] = [change('Handler_commit'), change('Connections')]
  return known({
    commits_per_s:
      commits === undefined
        ? undefined
        : Math.max(0, commits - (change('Handler_prepare') ?? 0) / 2) / seconds,
    rollbacks_per_s: per('Handler_rollback'),
    statements_per_s: per('Queries'),
    rows_read_scan_per_s: per('Handler_read_rnd_next', 'Handler_read_next', 'Handler_read_prev'),
    rows_read_index_per_s: per('Handler_read_key'),
    ...rows,
    rows_changed_per_s: changed.length === 0 ? undefined : sum(changed),
    lock_waits_per_s: per('Innodb_row_lock_waits'),
    lock_wait_ms_per_s: per('Innodb_row_lock_time'),
    deadlocks_per_s: per('Innodb_deadlocks'),
    log_writes_per_s: per('Innodb_log_writes'),
    log_fsyncs_per_s: per('Innodb_os_log_fsyncs'),
    log_bytes_per_s: per('Innodb_os_log_written'),
    buffer_reads_per_s: per('Innodb_buffer_pool_read_requests'),
    buffer_misses_per_s: per('Innodb_buffer_pool_reads'),
    buffer_hit_ratio: hitRatio(
      change('Innodb_buffer_pool_read_requests'),
      change('Innodb_buffer_pool_reads'),
    ),
    pages_flushed_per_s: per('Innodb_buffer_pool_pages_flushed'),
    data_written_bytes_per_s: per('Innodb_data_written'),
    data_read_bytes_per_s: per('Innodb_data_read'),
    // Who is refused before the greeting does not become a connection; who fails to log in does.
    connections_opened_per_s:
      logins === undefined ? undefined : Math.max(0, logins - (change('Aborted_connects') ?? 0)) / seconds,
  })
}

/** Of all attempts of others and of Spillway that failed; none after a restart or `FLUSH STATUS`. */
export const failureRate = (before: Counters | undefined, now: Counters): Signals =>
  before === undefined || wasReset(before, now)
    ? {}
    : {
        connections_failed_per_s:
          sum(failuresOf(before, now).map(({ count }) => count)) / (now.at - before.at),
      }

const wasReset = (before: Counters, now: Counters): boolean =>
  now.at <= before.at || ['Uptime', 'Queries', 'Questions'].some(name => (delta(before, now, name) ?? 0) < 0)

const delta = (before: Counters, now: Counters, name: string): number | undefined => {
  const [a, b] = [before[name], now[name]]
  return a === undefined || b === undefined ? undefined : b - a
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)

const hitRatio = (reads: number | undefined, misses: number | undefined): number | undefined =>
  reads !== undefined && misses !== undefined && reads > 0 ? Math.max(0, 1 - misses / reads) : undefined

const known = (signals: { [name in keyof Signals]: number | undefined }): Signals =>
  Object.fromEntries(Object.entries(signals).filter(([, value]) => value !== undefined))

/** Levels of one reading. */
export const levels = (now: Counters): Signals => {
  const page = now.Innodb_page_size
  const { Innodb_buffer_pool_pages_total: total, Innodb_os_log_pending_writes: writes } = now
  return known({
    log_pending: writes === undefined ? undefined : writes + (now.Innodb_os_log_pending_fsyncs ?? 0),
    buffer_dirty_pages: now.Innodb_buffer_pool_pages_dirty,
    buffer_free_pages: now.Innodb_buffer_pool_pages_free,
    buffer_size_bytes: page !== undefined && total !== undefined ? page * total : undefined,
  })
}

/** A failed connection of somebody; the tick it belongs to is not known here. */
export type Failed = Omit<FailureCount, 't'>

const ERRORS: Record<string, Failure> = {
  Connection_errors_max_connections: 'slots-exhausted',
  Connection_errors_internal: 'out-of-memory',
  Connection_errors_peer_address: 'unclassified',
  Connection_errors_accept: 'unclassified',
  Connection_errors_select: 'unclassified',
  Connection_errors_tcpwrap: 'not-permitted',
  Access_denied_errors: 'authentication-failed',
}

/**
 * Attempts that failed between two readings, by what the server counts. `Aborted_connects` has every attempt that ended
 * before the login did, for want of a slot (but for MySQL's refusals instead of a greeting) and for a wrong password,
 * which MariaDB counts apart. What nothing else explains is left under its name.
 */
export const failuresOf = (before: Counters | undefined, now: Counters): Failed[] => {
  if (before === undefined) return []
  const change = (name: string): number => delta(before, now, name) ?? 0
  const found: Failed[] = []
  const add = (name: string, failure: Failure, count: number) => {
    if (count > 0) found.push({ source: 'counter', failure, native: { code: name, message: '' }, count })
  }
  for (const [name, failure] of Object.entries(ERRORS)) add(name, failure, change(name))
  const told = change('Access_denied_errors') + change('Connection_errors_max_connections')
  add('Aborted_connects', 'unclassified', change('Aborted_connects') - told)
  return found
}
