// The running instances of one service, each with a pool and an application's name of its own.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address, LabEngine, Pool } from './engine.ts'
import { integerBetween, type Random } from './random.ts'
import type { ServiceSpec } from './scenario.ts'
import type { PoolState } from './traffic.ts'
import { openUnpooled } from './unpooled.ts'

export interface Fleet {
  /** Starts the instances of the specification; resolves when their pools are warm. */
  start(): Promise<void>
  /** The pool of one instance, as a load balancer would choose it. */
  pick(random: Random): Pool
  /** Starts more instances, one every `everyMs`, until there are `instances`. Returns how to end them. */
  scaleOut(instances: number, everyMs: number): () => Promise<void>
  /** Replaces each instance by a new one, one every `everyMs`: the new one is warm before the old one goes. */
  redeploy(everyMs: number): () => Promise<void>
  /** A new pool in the place of each, of that size or at that port; the old one ends when its connections come back. */
  renew(change: Renewal): Promise<void>
  /** How many pools there are. */
  pools(): number
  /** Of all pools together. */
  state(): PoolState
}

interface Renewal {
  /** Of the pool of an application by that name; undefined: as it was. */
  size?(application: string): number | undefined
  port?: number
}

const WARM_UP_RETRY_MS = 1000

export const makeFleet = (
  spec: ServiceSpec,
  engine: LabEngine,
  address: Address,
  onFailure: (error: unknown) => void,
  signal: AbortSignal,
): Fleet => {
  const pools: Pool[] = []
  // Not yet among them: a renewal is for these as well.
  const warming = new Set<Pool>()
  let { port } = address
  let sizeOf: Renewal['size']
  const nameOf = (number: number) => (spec.instances === undefined ? spec.name : `${spec.name}-${number}`)
  const prepare = (number: number): Pool => {
    const login = { ...address, port, user: spec.name, application: nameOf(number) }
    const max = sizeOf?.(login.application)
    const { min, idleMs, fresh } = spec.pool
    if (max !== undefined) return engine.openPool(login, { min: Math.min(min, max), max, idleMs })
    return fresh ? openUnpooled(engine, login) : engine.openPool(login, spec.pool)
  }
  const open = async (number: number): Promise<Pool> => {
    const pool = prepare(number)
    warming.add(pool)
    await warmUp(pool, spec.pool.min, onFailure, signal)
    warming.delete(pool)
    return pool.ended ? prepare(number) : pool
  }
  const every = (ms: number, step: (n: number) => boolean) => {
    let n = 0
    const timer = setInterval(() => {
      if (!step(n++)) clearInterval(timer)
    }, ms)
    const stop = () => clearInterval(timer)
    signal.addEventListener('abort', stop, { once: true })
    return stop
  }
  return {
    start: async () => {
      for (let i = 0; i < (spec.instances ?? 1); i++) pools.push(await open(i + 1))
    },
    pick: random => pools[integerBetween(random, 0, pools.length - 1)] as Pool,
    scaleOut: (instances, everyMs) => {
      const before = pools.length
      const stop = every(everyMs, n => {
        void open(before + n + 1).then(pool => pools.push(pool))
        return before + n + 1 < instances
      })
      return async () => {
        stop()
        await Promise.all(pools.splice(before).map(pool => pool.end()))
      }
    },
    redeploy: everyMs => {
      const stop = every(everyMs, n => {
        void open(n + 1).then(pool => pools.splice(n, 1, pool)[0]?.end())
        return n + 1 < pools.length
      })
      return async () => stop()
    },
    renew: async change => {
      port = change.port ?? port
      sizeOf = change.size ?? sizeOf
      const old = pools.splice(0)
      pools.push(...old.map((_, n) => prepare(n + 1)))
      // Whoever is in hand is finished first, in their own time.
      for (const pool of [...old, ...warming]) void pool.end()
    },
    pools: () => pools.length,
    state: () => ({
      total: total(pools.map(pool => pool.state().total)),
      idle: total(pools.map(pool => pool.state().idle)),
      waiting: total(pools.map(pool => pool.state().waiting)),
    }),
  }
}

const total = (counts: number[]): number => counts.reduce((sum, count) => sum + count, 0)

/** Opens `min` connections, again and again until it has them: the drivers' pools keep a minimum but open none. */
const warmUp = async (
  pool: Pool,
  min: number,
  onFailure: (error: unknown) => void,
  signal: AbortSignal,
): Promise<void> => {
  while (pool.state().total < min && !pool.ended && !signal.aborted) {
    const opened = await Promise.allSettled(Array.from({ length: min }, () => pool.acquire()))
    for (const result of opened) {
      if (result.status === 'fulfilled') pool.release(result.value)
      else onFailure(result.reason)
    }
    if (pool.state().total < min) await sleep(WARM_UP_RETRY_MS, undefined, { signal }).catch(() => undefined)
  }
}
