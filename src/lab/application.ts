// One service of the shop: its instances, requests that keep arriving, and the ways it can misbehave.
import type { Pool } from 'pg'
import { startArrivals } from './arrivals.ts'
import { startLeak } from './leak.ts'
import { type Address, clientConfig, openPool, perform, warmUp } from './pool.ts'
import { integerBetween, type Random } from './random.ts'
import type { RequestSpec, ServiceSpec } from './scenario.ts'
import {
  CLIENT_FAILURES,
  failureCode,
  type PoolState,
  type ServiceTraffic,
  trafficCounter,
} from './traffic.ts'

export interface Application {
  name: string
  /** Opens the pools up to their `min`, then lets requests arrive. */
  start(): Promise<void>
  traffic(): ServiceTraffic
  /** One kind of request comes to arrive `times` as often as specified. Returns how to end that at once. */
  surge(step: Surge): () => Promise<void>
  /** Starts more instances, one every `everyMs`, until there are `instances`. Returns how to end them. */
  scaleOut(instances: number, everyMs: number): () => Promise<void>
  /** Opens connections, uses each once, forgets it. Returns how to close them all. */
  leak(step: { perS: number; sql: string }): () => Promise<void>
  /** Requests stop coming; what is in hand is left to its fate. */
  stop(): void
}

interface Surge {
  request: string
  times: number
  /** How long the rise takes. */
  overMs: number
}

/** Requests a service has in hand before it turns new ones away, as any server does. */
const IN_FLIGHT_MAX = 200

export const makeApplication = (
  spec: ServiceSpec,
  address: Address,
  random: Random,
  onFailure: (code: string) => void,
): Application => {
  const counter = trafficCounter(spec.name)
  const surges = new Map<string, () => number>()
  const stopping = new AbortController()
  const stops: (() => void)[] = []
  const pools: Pool[] = []
  let inFlight = 0

  const fail = (error: unknown) => {
    if (stopping.signal.aborted) return
    const code = failureCode(error)
    counter.failed(code)
    onFailure(code)
  }

  const addInstance = async () => {
    const name = spec.instances === undefined ? spec.name : `${spec.name}-${pools.length + 1}`
    const pool = openPool(clientConfig(address, spec.name, name), spec.pool)
    pools.push(pool)
    await warmUp(pool, spec.pool.min, fail, stopping.signal)
  }

  const serve = async (request: RequestSpec) => {
    if (inFlight >= IN_FLIGHT_MAX) return counter.failed(CLIENT_FAILURES.shed)
    // The load balancer.
    const pool = pools[integerBetween(random, 0, pools.length - 1)] as Pool
    const startedAt = performance.now()
    inFlight++
    try {
      await perform(pool, request, random)
      const now = performance.now()
      counter.answered(now, now - startedAt)
    } catch (error) {
      fail(error)
    } finally {
      inFlight--
    }
  }

  return {
    name: spec.name,
    start: async () => {
      for (let i = 0; i < (spec.instances ?? 1); i++) await addInstance()
      for (const request of spec.requests) {
        const perS = () => request.perS * (surges.get(request.name)?.() ?? 1)
        stops.push(startArrivals(perS, random, () => void serve(request)))
      }
    },
    traffic: () => counter.read(performance.now(), stateOf(pools)),
    surge: step => {
      surges.set(step.request, risingFactor(step))
      return async () => void surges.delete(step.request)
    },
    scaleOut: (instances, everyMs) => {
      const before = pools.length
      const timer = setInterval(() => {
        if (pools.length < instances) void addInstance()
      }, everyMs)
      stops.push(() => clearInterval(timer))
      return async () => {
        clearInterval(timer)
        await Promise.all(pools.splice(before).map(pool => pool.end()))
      }
    },
    leak: step => {
      const leak = startLeak(clientConfig(address, spec.name, spec.name), step, random, fail)
      stops.push(leak.stop)
      return leak.close
    },
    stop: () => {
      stopping.abort()
      for (const stop of stops) stop()
    },
  }
}

const risingFactor = ({ times, overMs }: Surge): (() => number) => {
  const startedAt = performance.now()
  return () => 1 + (times - 1) * Math.min(1, (performance.now() - startedAt) / overMs)
}

const stateOf = (pools: Pool[]): PoolState => ({
  total: pools.reduce((sum, pool) => sum + pool.totalCount, 0),
  idle: pools.reduce((sum, pool) => sum + pool.idleCount, 0),
  waiting: pools.reduce((sum, pool) => sum + pool.waitingCount, 0),
})
