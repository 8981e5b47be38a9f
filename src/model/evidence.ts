// Everything observed about one target over one time window: the one input of every diagnosis.
import type { Instance } from './instance.ts'
import type { Failure, NativeError, ProbeResult } from './probe.ts'
import type { IdleGroup, SessionSample } from './session.ts'
import type { Signals } from './signal.ts'

export const EVIDENCE_SCHEMA = 'spillway/evidence/v1'

export const ENGINES = ['postgres', 'mysql', 'mariadb'] as const
export type EngineName = (typeof ENGINES)[number]

export interface Target {
  /** For people; never holds a secret. */
  name: string
  /** `other`: its load and its connections can be told, its causes not all; `engineVersion` says which it is. */
  engine: EngineName | 'other'
  engineVersion?: string
  /** As whom and where Spillway is connected: its own sessions count against the limits of both. */
  user?: string
  database?: string
  instanceClass?: string
  vcpus?: number
  memoryBytes?: number
  /** A pooler answers the connection attempts, and its connections are the sessions of the server. */
  viaPooler?: boolean
  /** Only of RDS. */
  instance?: Instance
}

/** The ceilings of the server. */
export interface Limits {
  maxConnections: number
  /** Slots out of reach for ordinary clients, by who reserves them. */
  reserved: Record<string, number>
  /** Connection limits by role, and by database as `database:<name>`; only those that are set. */
  roleLimits?: Record<string, number>
}

/** Half open: `[from, to)`, epoch milliseconds. */
export interface Interval {
  from: number
  to: number
}

/** One sample. A tick that failed or came late is a gap: it has no `sessions` and no signals. */
export interface Tick {
  /** Start of the interval `[t, t + tickMs)`, epoch milliseconds. */
  t: number
  signals: Signals
  /** All sessions but idle ones, without Spillway's own, background and replication. */
  sessions?: SessionSample[]
  idle?: IdleGroup[]
  /**
   * Samples taken within the tick, when more than one: in a burst the `aas` signals, `lock_waiters` and the rates are the
   * means of them all, everything else is of the last.
   */
  samples?: number
  /** The statements with most of the load, where somebody else took the samples: Performance Insights. */
  byStatement?: StatementLoad[]
}

/** Average active sessions of one statement within a tick. */
export interface StatementLoad {
  statementId: string
  statement?: string
  aas: number
}

/** What one statement did within a tick. */
export interface StatementDelta {
  t: number
  statementId: string
  statement?: string
  calls: number
  totalMs: number
  rows?: number
  blocksRead?: number
}

/** Failed connections of other clients, counted over a tick. */
export interface FailureCount {
  t: number
  source: 'log' | 'counter' | 'pooler' | 'proxy' | 'application'
  failure: Failure
  native?: NativeError
  host?: string
  user?: string
  application?: string
  database?: string
  count: number
}

export interface EvidenceEvent {
  t: number
  source: string
  kind: string
  message: string
}

/** What a log or a pooler tells of other clients, to be laid beside the samples. */
export interface Testimony {
  /** At the resolution of the source; laid into ticks when it meets the evidence. */
  failures: FailureCount[]
  events: EvidenceEvent[]
  /** Sessions opened, where the source counts them. */
  opened?: { t: number; count: number }[]
  /** The source has every failed connection of its time: what it does not name did not happen. */
  complete: boolean
  /** What could not be understood, for people. */
  notes: string[]
}

export interface Evidence {
  target: Target
  from: number
  to: number
  tickMs: number
  limits?: Limits
  /** The suspect interval, when somebody marked one. */
  window?: Interval
  /** In order of time. */
  ticks: Tick[]
  probes: ProbeResult[]
  failures: FailureCount[]
  statements: StatementDelta[]
  events: EvidenceEvent[]
}

/** Slots that ordinary clients can use. */
export const usableSlots = (limits: Limits): number =>
  limits.maxConnections - Object.values(limits.reserved).reduce((sum, n) => sum + n, 0)

/**
 * Slots taken, Spillway's own included, since they are slots too; undefined for a gap. A session takes its slot before it
 * authenticates. Beyond the usable ones it has a reserved slot for that moment only, and is about to be refused: it does not count.
 */
export function slotsUsed(tick: Tick): number | undefined {
  const all = connectionsOf(tick)
  if (all === undefined) return undefined
  const starting = tick.sessions?.filter(({ state }) => state === 'starting').length ?? 0
  return slotsTaken(all, starting, tick.signals.usable_slots)
}

/** Connections, those that are starting included; undefined for a gap. */
export const connectionsOf = (tick: Tick): number | undefined =>
  tick.signals.connections ?? (tick.sessions ? tick.sessions.length + idleCount(tick) : undefined)

/** The slots that some connections take, of which `starting` have not finished authenticating. */
export const slotsTaken = (connections: number, starting: number, usable = connections): number =>
  Math.max(connections - starting, Math.min(connections, usable))

export const idleCount = (tick: Tick): number =>
  (tick.idle ?? []).reduce((sum, group) => sum + group.count, 0)
