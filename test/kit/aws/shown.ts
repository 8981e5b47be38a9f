// What Performance Insights and CloudWatch would have shown of an incident: means over whole periods, gaps left out.
import { gaugesOf } from '../../../src/lab/resampled.ts'
import type { Evidence, SessionSample, Signal, Signals, Tick, WaitClass } from '../../../src/model/index.ts'

export interface Period {
  start: number
  ticks: Tick[]
}

/** Whole periods, aligned to the epoch, that lie in `[from, to)`. */
export function periodsOf({ ticks }: Evidence, periodS: number, from: number, to: number): Period[] {
  const step = periodS * 1_000
  const periods: Period[] = []
  for (let start = Math.floor(from / step) * step; start < to; start += step)
    periods.push({ start, ticks: [] })
  for (const tick of ticks) periods[Math.floor((tick.t - (periods[0]?.start ?? 0)) / step)]?.ticks.push(tick)
  return periods
}

/** The mean of a signal where it was measured. */
export function meanOf({ ticks }: Period, signal: Signal): number | undefined {
  const values = ticks.flatMap(tick => gauges(tick)[signal] ?? [])
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Looked at for each metric: worked out once. */
function gauges(tick: Tick): Signals {
  const known = GAUGES.get(tick) ?? gaugesOf(tick)
  GAUGES.set(tick, known)
  return known
}

const GAUGES = new WeakMap<Tick, Signals>()

/** A signal in another unit. */
export const gauge =
  (signal: Signal, factor = 1) =>
  (period: Period): number | undefined => {
    const value = meanOf(period, signal)
    return value === undefined ? undefined : value * factor
  }

export type Grouping = (session: SessionSample) => Record<string, string> | undefined

export interface Group {
  dimensions: Record<string, string>
  /** Average active sessions; absent for a gap. */
  value: (period: Period) => number | undefined
}

/** Average active sessions by a dimension of the sessions. */
export function groupsOf({ ticks }: Evidence, of: Grouping): Group[] {
  const found = new Map<string, Record<string, string>>()
  const keyOf = (session: SessionSample) => {
    const dimensions = session.state === 'active' ? of(session) : undefined
    return dimensions && JSON.stringify(dimensions)
  }
  for (const session of ticks.flatMap(({ sessions = [] }) => sessions)) {
    const key = keyOf(session)
    if (key !== undefined && !found.has(key)) found.set(key, JSON.parse(key))
  }
  return [...found].map(([key, dimensions]) => ({
    dimensions,
    value: period => {
      const sampled = period.ticks.filter(({ sessions }) => sessions)
      const count = sampled.flatMap(({ sessions = [] }) => sessions.filter(one => keyOf(one) === key)).length
      return sampled.length === 0 ? undefined : count / sampled.length
    },
  }))
}

/** AAS, from the sessions where they were sampled. */
export function loadOf(period: Period): number | undefined {
  const sampled = period.ticks.filter(({ sessions }) => sessions)
  if (sampled.length === 0) return meanOf(period, 'aas')
  const active = sampled.flatMap(({ sessions = [] }) => sessions.filter(({ state }) => state === 'active'))
  return active.length / sampled.length
}

/** By the engine as AWS writes it. */
export const eventsOf = (product: string): Record<WaitClass, string> => {
  if (product.includes('postgres')) return POSTGRES_EVENTS
  if (product.startsWith('sqlserver')) return { ...FOREIGN, Lock: 'LCK_M_X', Commit: 'WRITELOG' }
  if (product.startsWith('oracle'))
    return { ...FOREIGN, Lock: 'enq: TX - row lock contention', Commit: 'Commit' }
  return MYSQL_EVENTS
}

/** An event of each class, as Performance Insights names it, where only the class is known. */
const POSTGRES_EVENTS: Record<WaitClass, string> = {
  CPU: 'CPU',
  IO: 'IO:DataFileRead',
  Commit: 'IO:WALSync',
  Lock: 'Lock:transactionid',
  LWLock: 'LWLock:BufferMapping',
  IPC: 'IPC:BgWorkerShutdown',
  Client: 'Client:ClientWrite',
  Timeout: 'Timeout:PgSleep',
  Other: 'Extension:Extension',
}

const MYSQL_EVENTS: Record<WaitClass, string> = {
  CPU: 'CPU',
  IO: 'wait/io/file/innodb/innodb_data_file',
  Commit: 'wait/io/file/innodb/innodb_log_file',
  Lock: 'wait/synch/cond/innodb/row_lock_wait_cond',
  LWLock: 'wait/synch/mutex/innodb/buf_pool_mutex',
  IPC: 'idle',
  Client: 'wait/io/socket/sql/client_connection',
  Timeout: 'User sleep',
  Other: 'wait/unknown',
}

/** Of engines whose events Spillway knows only roughly. */
const FOREIGN: Record<WaitClass, string> = { ...MYSQL_EVENTS, IO: 'IO_COMPLETION', Lock: '', Commit: '' }
