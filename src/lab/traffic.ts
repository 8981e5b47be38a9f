// What the clients of one service see: answers, failures by code, latency, and the state of their pools.

export interface ServiceTraffic {
  service: string
  /** Requests since the start. */
  ok: number
  failed: number
  /** By SQLSTATE, MySQL's name, errno name, or one of CLIENT_FAILURES. */
  failedByCode: Record<string, number>
  /** Of requests answered in the last second; absent when there was none. */
  latencyP50Ms?: number
  latencyP95Ms?: number
  /** Connections of all pools of the service, and requests that wait for one. */
  pool: PoolState
}

export interface PoolState {
  total: number
  idle: number
  waiting: number
}

/** Failures that never reached the server, or lost it. */
export const CLIENT_FAILURES = {
  /** No connection came free within the pool's deadline. */
  pool: 'pool-timeout',
  /** Turned away: the service had too many requests in hand. */
  shed: 'shed',
  lost: 'connection-lost',
} as const

export interface TrafficCounter {
  /** `now` and `ms` in milliseconds of one monotonic clock. */
  answered(now: number, ms: number): void
  failed(code: string): void
  read(now: number, pool: PoolState): ServiceTraffic
}

const LATENCY_WINDOW_MS = 1000

export const trafficCounter = (service: string): TrafficCounter => {
  const failedByCode: Record<string, number> = {}
  let [ok, failed] = [0, 0]
  let recent: { at: number; ms: number }[] = []
  return {
    answered: (now, ms) => {
      ok++
      recent.push({ at: now, ms })
    },
    failed: code => {
      failed++
      failedByCode[code] = (failedByCode[code] ?? 0) + 1
    },
    read: (now, pool) => {
      recent = recent.filter(({ at }) => at > now - LATENCY_WINDOW_MS)
      const sorted = recent.map(({ ms }) => ms).sort((a, b) => a - b)
      const latency = sorted.length > 0 && {
        latencyP50Ms: quantile(sorted, 0.5),
        latencyP95Ms: quantile(sorted, 0.95),
      }
      return { service, ok, failed, failedByCode: { ...failedByCode }, pool, ...latency }
    },
  }
}

/** Nearest rank. */
const quantile = (sorted: number[], q: number): number => sorted[Math.ceil(q * sorted.length) - 1] as number

/** The code a client would log. pg's pool gives its own failures no code, only a text. */
export const failureCode = (error: unknown): string => {
  if (!(error instanceof Error)) return CLIENT_FAILURES.lost
  if ('code' in error && typeof error.code === 'string') return error.code
  return /timeout/.test(error.message) ? CLIENT_FAILURES.pool : CLIENT_FAILURES.lost
}
