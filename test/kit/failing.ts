// Failed attempts and refusals of other clients, and what logs and clouds say of them, to build evidence with.
import type { Evidence, EvidenceEvent, Failure, FailureCount, ProbeResult } from '../../src/model/index.ts'
import { T0, type TickSpec } from './evidence.ts'
import { peace } from './incident.ts'

const PHASE = {
  'name-not-resolved': 'resolve',
  'connection-refused': 'connect',
  'connect-timeout': 'connect',
} as const

export const failing = (failure: Failure, native?: ProbeResult['native']): ProbeResult => ({
  t: 0,
  ok: false,
  phase: PHASE[failure as keyof typeof PHASE] ?? 'authenticate',
  failure,
  phaseMs: {},
  ...(native && { native }),
})

/** Peace in which no attempt succeeds; Spillway's held connection goes on. */
export const shutOut = (failure: Failure): TickSpec => ({ ...peace, probe: failing(failure) })

/** A server that is silent: no attempt succeeds, and no sample. */
export const silent = (failure: Failure): TickSpec => ({ gap: true, probe: failing(failure) })

/** Refusals of other clients in each second from `from` to `to`. */
export const told = (
  [from, to]: readonly [number, number],
  failure: Failure,
  more: Partial<FailureCount> = {},
): FailureCount[] =>
  Array.from({ length: to - from }, (_, i) => ({
    t: T0 + (from + i) * 1000,
    source: 'log' as const,
    failure,
    count: 3,
    ...more,
  }))

export const said = (second: number, source: string, kind: string, message = kind): EvidenceEvent => ({
  t: T0 + second * 1000,
  source,
  kind,
  message,
})

export const withMore = (e: Evidence, more: Partial<Evidence>): Evidence => ({ ...e, ...more })
