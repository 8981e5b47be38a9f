// Cumulative counters of all databases, and the rates between two readings.
import type { Signals } from '../../model/index.ts'

const COLUMNS = {
  commits: 'xact_commit',
  rollbacks: 'xact_rollback',
  blocks: 'blocks_fetched',
  blocksHit: 'blocks_hit',
  returned: 'tuples_returned',
  fetched: 'tuples_fetched',
  inserted: 'tuples_inserted',
  updated: 'tuples_updated',
  deleted: 'tuples_deleted',
  deadlocks: 'deadlocks',
  /** The last two, because older servers do not have them. */
  opened: 'sessions',
  activeMs: 'active_time',
}

/** The first version that counts sessions and their time, as `server_version_num`. */
export const CLOCK_VERSION = 140_000

const columnsOf = (version: number): string[] =>
  Object.values(COLUMNS).slice(0, version >= CLOCK_VERSION ? undefined : -2)

/**
 * What the functions under the view pg_stat_database say, one text for each of `databases`. Not summed by the server:
 * to set up a dozen sums takes it longer than the counters.
 */
export const countersSql = (version: number, databases: string): string => {
  const counters = columnsOf(version).map(column => `pg_stat_get_db_${column}(id)`)
  const reset = "coalesce(date_part('epoch', pg_stat_get_db_stat_reset_time(id)), 0)"
  return `array(select concat_ws(',', date_part('epoch', clock_timestamp()), ${reset}, ${counters.join(', ')})
    from unnest(${databases}) as id)`
}

/** Of what countersSql() answered, for one database at least. */
export const countersOf = (version: number, databases: readonly string[]): Counters => {
  const rows = databases.map(row => row.split(',').map(Number))
  const sums = columnsOf(version).map((_, i) => rows.reduce((sum, row) => sum + row[i + 2]!, 0))
  const named = Object.keys(COLUMNS).slice(0, sums.length)
  return {
    at: rows[0]?.[0] ?? 0,
    reset: Math.max(...rows.map(row => row[1]!)),
    ...(Object.fromEntries(named.map((name, i) => [name, sums[i]])) as Omit<Counters, 'at' | 'reset'>),
  }
}

/** Sums over all databases; `at` and `reset` are the server's epoch seconds. */
export interface Counters {
  at: number
  /** 0: never. */
  reset: number
  commits: number
  rollbacks: number
  blocks: number
  blocksHit: number
  returned: number
  fetched: number
  inserted: number
  updated: number
  deleted: number
  deadlocks: number
  /** Sessions opened; since 14. */
  opened?: number
  /** Time that sessions were active, milliseconds; since 14, see clock.ts. */
  activeMs?: number
}

/** Shorter intervals say nothing: backends report about once a second. Seconds. */
const MIN_INTERVAL_S = 0.1

/**
 * Rates per second between two readings; none after a reset of the counters. Spillway's own few transactions are in
 * them. `rows_read_scan_per_s` is tup_returned: rows of sequential scans and entries of index scans, the rows that were
 * walked over; `rows_read_index_per_s` is tup_fetched: rows that index scans fetched.
 */
export const rates = (before: Counters | undefined, now: Counters): Signals => {
  // A database that nobody used yet has no counters, and when it gets them, a time of reset.
  const isReset = before !== undefined && before.reset > 0 && before.reset !== now.reset
  if (before === undefined || isReset) return {}
  const seconds = now.at - before.at
  const delta = {
    commits: now.commits - before.commits,
    rollbacks: now.rollbacks - before.rollbacks,
    blocks: now.blocks - before.blocks,
    blocksHit: now.blocksHit - before.blocksHit,
    returned: now.returned - before.returned,
    fetched: now.fetched - before.fetched,
    inserted: now.inserted - before.inserted,
    updated: now.updated - before.updated,
    deleted: now.deleted - before.deleted,
    deadlocks: now.deadlocks - before.deadlocks,
  }
  if (seconds < MIN_INTERVAL_S || Object.values(delta).some(change => change < 0)) return {}
  const signals: Signals = {
    commits_per_s: delta.commits / seconds,
    rollbacks_per_s: delta.rollbacks / seconds,
    rows_read_scan_per_s: delta.returned / seconds,
    rows_read_index_per_s: delta.fetched / seconds,
    rows_inserted_per_s: delta.inserted / seconds,
    rows_updated_per_s: delta.updated / seconds,
    rows_deleted_per_s: delta.deleted / seconds,
    rows_changed_per_s: (delta.inserted + delta.updated + delta.deleted) / seconds,
    buffer_reads_per_s: delta.blocks / seconds,
    buffer_misses_per_s: Math.max(0, delta.blocks - delta.blocksHit) / seconds,
    deadlocks_per_s: delta.deadlocks / seconds,
  }
  if (delta.blocks > 0) signals.buffer_hit_ratio = Math.min(1, delta.blocksHit / delta.blocks)
  if (now.opened !== undefined && before.opened !== undefined && now.opened >= before.opened) {
    signals.connections_opened_per_s = (now.opened - before.opened) / seconds
  }
  return signals
}
