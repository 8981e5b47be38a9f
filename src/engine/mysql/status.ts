// The server's counters, no more often than they are worth: adding them up over all sessions takes a mutex and time.
import type { Signals } from '../../model/index.ts'
import { type Counters, type Failed, failureRate, failuresOf, levels, rates } from './counters.ts'
import type { Flags } from './flags.ts'
import { Failures } from './hostcache.ts'
import type { Own } from './probe.ts'
import type { Ask } from './wire.ts'

/** What the server counts once for all: cheap, because the status of this session has it as well. */
const OF_SERVER = [
  ...['Threads_connected', 'Connections', 'Aborted_connects', 'Queries', 'Uptime'],
  ...['Innodb_rows_inserted', 'Innodb_rows_updated', 'Innodb_rows_deleted', 'Innodb_row_lock_waits'],
  ...['Innodb_row_lock_time', 'Innodb_deadlocks', 'Innodb_log_writes', 'Innodb_os_log_fsyncs'],
  ...['Innodb_os_log_written', 'Innodb_os_log_pending_writes', 'Innodb_os_log_pending_fsyncs'],
  ...['Innodb_buffer_pool_read_requests', 'Innodb_buffer_pool_reads', 'Innodb_buffer_pool_pages_dirty'],
  ...['Innodb_buffer_pool_pages_free', 'Innodb_buffer_pool_pages_total', 'Innodb_page_size'],
  ...['Innodb_buffer_pool_pages_flushed', 'Innodb_data_written', 'Innodb_data_read'],
  ...['Connection_errors_max_connections', 'Connection_errors_internal', 'Connection_errors_peer_address'],
  ...['Connection_errors_accept', 'Connection_errors_select', 'Connection_errors_tcpwrap'],
]

/** What every session counts for itself. */
const OF_SESSIONS = [
  ...['Handler_commit', 'Handler_prepare', 'Handler_rollback', 'Handler_read_rnd_next', 'Handler_read_next'],
  ...['Handler_read_prev', 'Handler_read_key', 'Handler_write', 'Handler_update', 'Handler_delete'],
  ...['Questions', 'Access_denied_errors'],
]

/** Reading its tables counts as reading rows: of a server that does little, Spillway's own samples are most of that. */
const OF_ITS_OWN = ['Handler_read_rnd_next', 'Handler_read_next', 'Handler_read_prev', 'Handler_read_key']
const OWN = 'own '

/** Ticks of a second come a little early now and then. Milliseconds. */
const LEAST_MS = 900
/** At 1,000 connections they take 0.6 and 1.5 ms of the server: then every 8 and every 20 seconds. Milliseconds each. */
const OF_SERVER_MS_EACH = 8
/** Where slots run short, to count the refused. */
const TIGHT_MS_EACH = 2
const OF_SESSIONS_MS_EACH = 20

export interface Counted {
  signals: Signals
  /** `Threads_connected`. */
  connections: number
  failures: Failed[]
}

export class Status {
  readonly #flags: Flags
  readonly #own: Own
  readonly #failures = new Failures()
  #server: Counters | undefined
  #sessions: Counters | undefined

  constructor(flags: Flags, own: Own) {
    this.#flags = flags
    this.#own = own
  }

  /** Undefined when it is not time yet. `isTight`: slots run short. */
  async read(ask: Ask, connections: number, isTight: boolean): Promise<Counted | undefined> {
    const now = performance.now() / 1_000
    const isDue = (last: Counters | undefined, msEach: number): boolean =>
      last === undefined || (now - last.at) * 1_000 >= Math.max(LEAST_MS, connections * msEach)
    let isWhole = isDue(this.#sessions, OF_SESSIONS_MS_EACH)
    if (!isWhole && !isDue(this.#server, isTight ? TIGHT_MS_EACH : OF_SERVER_MS_EACH)) return undefined
    let counters = await this.#ask(ask, isWhole)
    const before = this.#server && { ...this.#sessions, ...this.#server }
    if (!isWhole && this.#flags.mariaDb && failuresOf(before, counters).length > 0) {
      // Wrong passwords are told apart from the rest by a counter that every session has of its own.
      isWhole = true
      counters = await this.#ask(ask, true)
    }
    const signals = {
      ...levels(counters),
      ...(isWhole && rates(this.#sessions, counters)),
      ...rates(this.#server, counters),
      ...failureRate(before, counters),
    }
    this.#server = only(OF_SERVER, counters)
    if (isWhole) this.#sessions = only([...OF_SESSIONS, 'Innodb_deadlocks', 'Uptime'], counters)
    const failures = await this.#failures.since(ask, this.#flags, before, counters, this.#own)
    return { signals, connections: counters.Threads_connected ?? 0, failures }
  }

  async #ask(ask: Ask, isWhole: boolean): Promise<Counters> {
    const answers = await ask<{ name: string; value: string }>(statusSql(this.#flags, isWhole))
    const at = performance.now() / 1_000
    const all = new Map(answers.flat().map(({ name, value }) => [name.toLowerCase(), Number(value)]))
    const known = [...all].flatMap(([name, value]) =>
      name.startsWith(OWN) ? [] : [[NAMES.get(name) ?? name, value - (all.get(OWN + name) ?? 0)] as const],
    )
    return { ...Object.fromEntries(known), at }
  }
}

/** MariaDB shouts. */
const NAMES = new Map(
  [...OF_SERVER, ...OF_SESSIONS, 'Innodb_deadlocks'].map(name => [name.toLowerCase(), name]),
)

const only = (names: readonly string[], counters: Counters): Counters => ({
  ...Object.fromEntries(names.map(name => [name, counters[name]])),
  at: counters.at,
})

const statusSql = ({ mariaDb, innodbMetrics }: Flags, isWhole: boolean): string => {
  const schema = mariaDb ? 'information_schema' : 'performance_schema'
  const reading = (scope: 'global' | 'session', names: readonly string[], prefix = '') =>
    `/* spillway */ select 0 as spillway, concat('${prefix}', variable_name) as name, variable_value as value
    from ${schema}.${scope}_status where variable_name in (${names.map(name => `'${name}'`).join(', ')})`
  if (!isWhole) return reading('session', OF_SERVER)
  return [
    reading('global', [...OF_SERVER, ...OF_SESSIONS]),
    reading('session', OF_ITS_OWN, OWN),
    ...(innodbMetrics ? [DEADLOCKS] : []),
  ].join(';\n')
}

/** MySQL has no counter of them among its status variables. */
const DEADLOCKS = `/* spillway */ select 0 as spillway, 'Innodb_deadlocks' as name, count as value
  from information_schema.innodb_metrics where name = 'lock_deadlocks'`
