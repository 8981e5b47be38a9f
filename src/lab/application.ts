// One service of the shop: requests that keep arriving, what becomes of them, and the ways it can misbehave.
import { startArrivals } from './arrivals.ts'
import type { Address, LabEngine } from './engine.ts'
import { type Fleet, makeFleet } from './fleet.ts'
import { type Leak, startLeak } from './leak.ts'
import { integerBetween, type Random } from './random.ts'
import { perform } from './request.ts'
import type { RequestSpec, ServiceSpec } from './scenario.ts'
import { CLIENT_FAILURES, failureCode, type ServiceTraffic, trafficCounter } from './traffic.ts'

export interface Application {
  name: string
  /** Opens the pools up to their `min`, then lets requests arrive. */
  start(): Promise<void>
  traffic(): ServiceTraffic
  /** One kind of request comes to arrive `times` as often as specified. Returns how to end that at once. */
  surge(step: Surge): () => Promise<void>
  scaleOut: Fleet['scaleOut']
  redeploy: Fleet['redeploy']
  renew: Fleet['renew']
  pools: Fleet['pools']
  /** That share of the reads that stand alone goes to the servers at these ports from now on, over pools of their own. */
  readFrom(ports: number[], share: number): Promise<void>
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
  engine: LabEngine,
  address: Address,
  random: Random,
  onFailure: (code: string, error: unknown) => void,
): Application => {
  const counter = trafficCounter(spec.name)
  const surges = new Map<string, () => number>()
  const stopping = new AbortController()
  const stops: (() => void)[] = []
  const leaks: Leak[] = []
  let inFlight = 0

  const fail = (error: unknown) => {
    if (stopping.signal.aborted) return
    const code = failureCode(error)
    counter.failed(code)
    onFailure(code, error)
  }
  const fleet = makeFleet(spec, engine, address, fail, stopping.signal)
  let readers: Fleet[] = []
  let shareAway = 0

  const serverOf = (request: RequestSpec): Fleet => {
    const isAway = readers.length > 0 && isRead(request) && random() < shareAway
    return isAway ? readers[integerBetween(random, 0, readers.length - 1)]! : fleet
  }

  const serve = async (request: RequestSpec) => {
    if (inFlight >= IN_FLIGHT_MAX) return counter.failed(CLIENT_FAILURES.shed)
    const startedAt = performance.now()
    inFlight++
    try {
      await perform(serverOf(request).pick(random), request, random)
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
      await fleet.start()
      for (const request of spec.requests) {
        const perS = () => request.perS * (surges.get(request.name)?.() ?? 1)
        stops.push(startArrivals(perS, random, () => void serve(request)))
      }
    },
    traffic: () => counter.read(performance.now(), fleet.state()),
    surge: step => {
      surges.set(step.request, risingFactor(step))
      return async () => void surges.delete(step.request)
    },
    scaleOut: fleet.scaleOut,
    redeploy: fleet.redeploy,
    renew: async change => {
      await fleet.renew(change)
      const size = change.size?.(spec.name)
      if (size !== undefined) await Promise.all(leaks.map(leak => leak.bound(size)))
    },
    pools: fleet.pools,
    readFrom: async (ports, share) => {
      const fleets = ports.map(port => makeFleet(spec, engine, { ...address, port }, fail, stopping.signal))
      await Promise.all(fleets.map(one => one.start()))
      readers = fleets
      shareAway = share
    },
    leak: step => {
      const leak = startLeak(
        engine,
        { ...address, user: spec.name, application: spec.name },
        step,
        random,
        fail,
      )
      leaks.push(leak)
      stops.push(leak.stop)
      return leak.close
    },
    stop: () => {
      stopping.abort()
      for (const stop of stops) stop()
    },
  }
}

/** A read that is its own transaction. */
const isRead = ({ statements, transaction }: RequestSpec): boolean =>
  !transaction && statements.length === 1 && /^\s*select/i.test(statements[0]!.sql)

const risingFactor = ({ times, overMs }: Surge): (() => number) => {
  const startedAt = performance.now()
  return () => 1 + (times - 1) * Math.min(1, (performance.now() - startedAt) / overMs)
}
