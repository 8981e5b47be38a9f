// One real connection attempt, timed by phase, and the words for how it can fail.

/** The phases of a connection, in order. */
export const PHASES = ['resolve', 'connect', 'tls', 'authenticate', 'query'] as const

export type Phase = (typeof PHASES)[number]

/** How a connection fails. Every adapter classifies by code first, by text only where the code lies. */
export const FAILURES = [
  'name-not-resolved',
  'connection-refused',
  'connect-timeout',
  'unreachable',
  'connection-reset',
  'handshake-timeout',
  'not-this-protocol',
  'tls-unsupported',
  'tls-required',
  'tls-certificate',
  'authentication-failed',
  'not-permitted',
  'host-blocked',
  'database-unknown',
  'slots-exhausted',
  'reserved-slots-only',
  'role-limit',
  'database-limit',
  'client-pool-timeout',
  'server-starting',
  'server-stopping',
  'session-ended',
  'out-of-memory',
  'query-failed',
  'query-timeout',
  'unclassified',
] as const

export type Failure = (typeof FAILURES)[number]

/** Failures for want of a connection slot, whoever's limit it is. */
export const SLOT_FAILURES: readonly Failure[] = [
  'slots-exhausted',
  'reserved-slots-only',
  'role-limit',
  'database-limit',
]

export interface NativeError {
  /** SQLSTATE, errno name or TLS code; empty when the peer gave none. */
  code: string
  message: string
}

export interface ProbeResult {
  /** Start of the attempt, epoch milliseconds. */
  t: number
  /** Host the attempt was made from; absent: the observer's own. */
  from?: string
  ok: boolean
  /** The phase it died in. */
  phase?: Phase
  failure?: Failure
  native?: NativeError
  /** Milliseconds spent in each phase that was reached. */
  phaseMs: Partial<Record<Phase, number>>
}

/** Milliseconds of the whole attempt. */
export const probeMs = (probe: ProbeResult): number =>
  Object.values(probe.phaseMs).reduce((sum, ms) => sum + ms, 0)
