// Builds evidence tick by tick for tests of the pure core. Everything that matters to a test stands in the test.
import type { Evidence, IdleGroup, ProbeResult, SessionSample, Tick } from '../../src/model/index.ts'

/** Start of all built evidence. */
export const T0 = Date.UTC(2026, 0, 1, 12)

export interface TickSpec {
  sessions?: SessionSample[]
  idle?: IdleGroup[]
  signals?: Tick['signals']
  probe?: ProbeResult | false
  /** A tick that was missed. */
  gap?: boolean
}

export interface EvidenceSpec {
  maxConnections?: number
  reserved?: number
  vcpus?: number
  roleLimits?: Record<string, number>
}

/** One tick a second, 40 connections of which 3 are reserved, 2 vCPUs, a probe in every tick that succeeds unless said. */
export function evidence(
  seconds: number,
  tickAt: (second: number) => TickSpec,
  spec: EvidenceSpec = {},
): Evidence {
  const { maxConnections = 40, reserved = 3, vcpus = 2, roleLimits } = spec
  const specs = Array.from({ length: seconds }, (_, second) => tickAt(second))
  const probes = specs.flatMap(({ probe = okProbe }, second) =>
    probe === false ? [] : [{ ...probe, t: T0 + second * 1000 + 5 }],
  )
  return {
    target: { name: 'test', engine: 'postgres', vcpus },
    from: T0,
    to: T0 + seconds * 1000,
    tickMs: 1000,
    limits: { maxConnections, reserved: { superuser: reserved }, ...(roleLimits ? { roleLimits } : {}) },
    ticks: specs.map((tick, second) => makeTick(tick, T0 + second * 1000)),
    probes,
    failures: [],
    statements: [],
    events: [],
  }
}

/** Counts Spillway's own connection as well, as a live sample does. */
function makeTick({ sessions = [], idle = [], signals = {}, gap }: TickSpec, t: number): Tick {
  if (gap) return { t, signals: {} }
  const connections = sessions.length + idle.reduce((sum, group) => sum + group.count, 0) + 1
  return { t, signals: { connections, ...signals }, sessions, idle }
}

const okProbe: ProbeResult = {
  t: 0,
  ok: true,
  phaseMs: { resolve: 0, connect: 1, authenticate: 2, query: 1 },
}

export const refusedProbe: ProbeResult = {
  t: 0,
  ok: false,
  phase: 'authenticate',
  failure: 'reserved-slots-only',
  native: { code: '53300', message: 'remaining connection slots are reserved' },
  phaseMs: { resolve: 0, connect: 1, authenticate: 2 },
}

/** An active session on CPU, unless said otherwise. */
export const session = (id: string, more: Partial<SessionSample> = {}): SessionSample => ({
  id,
  state: 'active',
  user: 'web',
  application: 'web',
  host: '10.0.0.1',
  stateAgeMs: 5,
  ...(more.state === undefined || more.state === 'active' ? { waitClass: 'CPU' as const } : {}),
  ...more,
})

/** A session that waits for a row lock of others. */
export const waiter = (id: string, blockedBy: string[], more: Partial<SessionSample> = {}): SessionSample =>
  session(id, {
    waitClass: 'Lock',
    waitEvent: 'transactionid',
    blockedBy,
    lock: { kind: 'row', object: 'orders' },
    ...more,
  })

/** The numbers 0 to n − 1 turned into something. */
export const times = <T>(n: number, make: (i: number) => T): T[] =>
  Array.from({ length: Math.max(0, n) }, (_, i) => make(i))

export const idle = (count: number, more: Partial<IdleGroup> = {}): IdleGroup => ({
  user: 'web',
  application: 'web',
  host: '10.0.0.1',
  count,
  oldestStateAgeMs: 500,
  unusedCount: 0,
  ...more,
})
