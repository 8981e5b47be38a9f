// The running instances of one service, each with a pool and an `application_name` of its own.
import type { Pool } from 'pg'
import { type Address, clientConfig, openPool, warmUp } from './pool.ts'
import { integerBetween, type Random } from './random.ts'
import type { ServiceSpec } from './scenario.ts'
import type { PoolState } from './traffic.ts'

export interface Fleet {
  /** Starts the instances of the specification; resolves when their pools are warm. */
  start(): Promise<void>
  /** The pool of one instance, as a load balancer would choose it. */
  pick(random: Random): Pool
  /** Starts more instances, one every `everyMs`, until there are `instances`. Returns how to end them. */
  scaleOut(instances: number, everyMs: number): () => Promise<void>
  /** Of all pools together. */
  state(): PoolState
}

export const makeFleet = (
  spec: ServiceSpec,
  address: Address,
  onFailure: (error: unknown) => void,
  signal: AbortSignal,
): Fleet => {
  const pools: Pool[] = []
  const add = async () => {
    const name = spec.instances === undefined ? spec.name : `${spec.name}-${pools.length + 1}`
    const pool = openPool(clientConfig(address, spec.name, name), spec.pool)
    pools.push(pool)
    await warmUp(pool, spec.pool.min, onFailure, signal)
  }
  return {
    start: async () => {
      for (let i = 0; i < (spec.instances ?? 1); i++) await add()
    },
    pick: random => pools[integerBetween(random, 0, pools.length - 1)] as Pool,
    scaleOut: (instances, everyMs) => {
      const before = pools.length
      const timer = setInterval(() => {
        if (pools.length < instances) void add()
      }, everyMs)
      signal.addEventListener('abort', () => clearInterval(timer), { once: true })
      return async () => {
        clearInterval(timer)
        await Promise.all(pools.splice(before).map(pool => pool.end()))
      }
    },
    state: () => ({
      total: total(pools.map(pool => pool.totalCount)),
      idle: total(pools.map(pool => pool.idleCount)),
      waiting: total(pools.map(pool => pool.waitingCount)),
    }),
  }
}

const total = (counts: number[]): number => counts.reduce((sum, count) => sum + count, 0)
