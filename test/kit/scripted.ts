// A target and a clock in the hands of a test: what each sample brings, how long it takes, and what time it is.
import type { Clock, Connection, Engine, Limits, ProbeResult, Sample } from '../../src/model/index.ts'

/** Time passes only where somebody sleeps or works. */
export interface Hands extends Clock {
  /** Something takes so long. */
  pass(ms: number): void
  /** The clock is set. */
  jump(ms: number): void
}

export function handClock(start = Date.UTC(2026, 0, 1)): Hands {
  let now = start
  return {
    now: () => now,
    pass: ms => {
      now += ms
    },
    jump: ms => {
      now += ms
    },
    async sleep(ms) {
      now += Math.max(0, ms)
      await new Promise(resolve => setImmediate(resolve))
    },
  }
}

export const LIMITS: Limits = { maxConnections: 100, reserved: { superuser_reserved_connections: 3 } }

/** One sample with so many active sessions, some of them waiting for a lock, and so many slots in use. */
export function sampleOf({ active = 1, waiting = 0, used = 20, limits = LIMITS } = {}): Sample {
  const sessions = Array.from({ length: active }, (_, i) => ({
    id: String(i),
    state: 'active' as const,
    waitClass: i < waiting ? ('Lock' as const) : ('CPU' as const),
  }))
  return {
    sessions,
    idle: [{ count: used - active - 1, oldestStateAgeMs: 1_000 }],
    limits,
    signals: {
      aas: active,
      aas_cpu: active - waiting,
      aas_lock: waiting,
      lock_waiters: waiting,
      connections: used,
      usable_slots: 97,
    },
  }
}

const SUCCEEDS: ProbeResult = { t: 0, ok: true, phaseMs: {} }
export const failsWith = (failure: NonNullable<ProbeResult['failure']>): ProbeResult => ({
  t: 0,
  ok: false,
  phase: 'authenticate',
  failure,
  native: { code: '', message: '' },
  phaseMs: {},
})

interface Script {
  name?: string
  /** Called for each sample; throws what the engine would throw. */
  sample?(): Sample
  /** Called for each attempt to hold a connection. */
  connect?(): void
  probe?(): ProbeResult
}

/** Implements the port, and nothing of a driver. */
export function scripted({ name = 'scripted', sample = sampleOf, connect, probe }: Script): Engine {
  const connection: Connection = {
    facts: {
      target: { name, engine: 'postgres', user: 'spillway', database: 'orders' },
      limits: LIMITS,
      seesAll: true,
      hasReservedSlot: false,
      sameHost: false,
    },
    sample: async () => sample(),
    examine: async () => [],
    grants: () => [],
    setting: async () => {
      throw new Error('nobody asks for it')
    },
    act: async () => ({ done: true, status: 'done', message: '' }),
    closed: false,
    close: async () => undefined,
  }
  return {
    target: { name, engine: 'postgres' },
    connect: async () => {
      connect?.()
      return connection
    },
    probe: async () => probe?.() ?? SUCCEEDS,
    explain: () => undefined,
  }
}
