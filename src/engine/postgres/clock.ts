// The load by the server's own clock: the time that sessions were active, as PostgreSQL 14 and newer add it up.
import type { SessionSample, Signals } from '../../model/index.ts'
import type { Counters } from './counters.ts'

export interface ClockReading extends Pick<Counters, 'at' | 'reset'> {
  /** Databases that were added up, as text: another list is another sum. */
  databases: string
  /** `pg_stat_database.active_time`, milliseconds: statements that are over. */
  activeMs: number
  /** Ages of the statements that run, milliseconds. */
  runningMs: number
}

/**
 * Keeps the last reading of one connection. What was measured of the clock (PostgreSQL 14, 15 and 18, against the states in the
 * server's shared memory):
 *
 * - A backend credits a statement when it goes idle, and hands in what it has at most once a second, before that very credit: the
 *   last statement is missing until the session's next one is over. Eight sessions with statements of 3 s were 52 % short in
 *   the first 10 s of their life; over a minute of steady work the two ends cancel. So a tick may even be negative.
 * - It hands in nothing while it has touched no table or index: a loop of `select 1` was 97 % short. It comes later in one lump.
 * - In the extended protocol only Execute counts: Parse, Bind and with them the planning are lost. Point selects of 0.02 ms on the
 *   server were 40 % short when prepared, 75 % when not.
 * - Parallel workers, background and replication do not count. Neither does Spillway's own session, since its samples touch no
 *   table; but in 14 it does, and with what it waits for the file of the statistics that makes 0.02 sessions.
 */
export class ServerClock {
  #before: ClockReading | undefined

  /**
   * `aas_exact`, the mean since the last reading; nothing without one, and where the server keeps no time. `sessions` are of
   * the moment of the counters.
   */
  read(counters: Counters, databases: readonly string[], sessions: readonly SessionSample[]): Signals {
    const { at, reset, activeMs } = counters
    if (activeMs === undefined) return {}
    const reading = { at, reset, activeMs, databases: databases.join(), runningMs: runningMs(sessions) }
    const aas = exactAas(this.#before, reading)
    this.#before = reading
    return aas === undefined ? {} : { aas_exact: aas }
  }
}

const runningMs = (sessions: readonly SessionSample[]): number =>
  sessions.reduce((sum, { state, stateAgeMs = 0 }) => (state === 'active' ? sum + stateAgeMs : sum), 0)

/**
 * Mean active sessions between two readings: (change of the credited time + change of the running statements' ages) ÷ time.
 * Undefined after a reset of the statistics, with another set of databases, and without a reading before.
 */
export const exactAas = (before: ClockReading | undefined, now: ClockReading): number | undefined => {
  if (before === undefined || before.reset !== now.reset || before.databases !== now.databases)
    return undefined
  const ms = (now.at - before.at) * 1000
  if (ms <= 0 || now.activeMs < before.activeMs) return undefined
  return (now.activeMs + now.runningMs - before.activeMs - before.runningMs) / ms
}
