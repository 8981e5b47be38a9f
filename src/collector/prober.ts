// One connection attempt at a time, one a second at most, and none that does harm.
import { type Clock, type Engine, type Failure, type ProbeResult, SLOT_FAILURES } from '../model/index.ts'
import { type Breaker, breaker } from './breaker.ts'
import { type Seen, tooCrowded } from './room.ts'

/** However often they are asked for, no more than one connection a second is added. */
const LEAST_MS = 1_000
/** What was seen before this time says nothing of the slots that are left now, milliseconds. */
const STALE_MS = 10_000
/** A server that says so in a word loses nothing by it, and that it does is what has to be known. */
const HARMLESS: readonly Failure[] = [
  ...SLOT_FAILURES,
  'connection-refused',
  'server-starting',
  'server-stopping',
]
/** Other failures do not mend by themselves, and repeating them locks accounts and blocks hosts: ten, then one in 30 s. */
const PAUSES_MS = [0, 0, 0, 0, 0, 0, 0, 0, 0, 30_000]

export interface Prober {
  /** Makes an attempt if this is the time for one; `due` is the tick it belongs to. Says why not, when it is held back. */
  next(due: number): string | undefined
  /** Told of each sample; keeps of it whether an attempt would do harm. */
  look(seen: Seen): void
  /** The attempts that ended since the last call. */
  drain(): ProbeResult[]
  /** Whether one of those that ended since the last call failed; undefined when none did end. */
  haveFailed(): boolean | undefined
  settled(): Promise<void>
}

interface Options {
  random(): number
  /** Addresses of this machine to make the attempts from, in turn. */
  from: readonly string[]
  /** Between the starts of two attempts, milliseconds; never less than a second. */
  everyMs: number
  signal: AbortSignal | undefined
}

/** `onSuccess` is called with every attempt that succeeds. */
export function prober(engine: Engine, clock: Clock, options: Options, onSuccess: () => void): Prober {
  const { random, from, everyMs, signal } = options
  const pause = breaker(clock, { pausesMs: PAUSES_MS, random })
  let done: ProbeResult[] = []
  let running: Promise<void> | undefined
  let latest = Number.NEGATIVE_INFINITY
  let turn = 0
  let last: Failure | undefined
  let failed: boolean | undefined
  let crowd: string | undefined
  let lookedAt = 0

  const attempt = async () => {
    // On the clock of the ticks: the wall clock's milliseconds may fall before the tick the attempt belongs to.
    const t = clock.now()
    const result = await engine.probe(signal, from[turn++ % from.length])
    running = undefined
    if (signal?.aborted) return
    done.push({ ...result, t })
    failed = failed === true || !result.ok
    last = result.failure
    if (result.ok) onSuccess()
    tell(pause, result)
  }

  return {
    look(seen) {
      crowd = tooCrowded(seen)
      lookedAt = seen.tick.t
    },
    next(due) {
      if (running || due - latest < Math.max(LEAST_MS, everyMs)) return undefined
      if (!pause.mayTry) return `${last} again and again, next in ${Math.ceil(pause.pauseMs / 1_000)} s`
      if (crowd !== undefined && due - lookedAt <= STALE_MS) return crowd
      latest = due
      running = attempt()
      return undefined
    },
    drain() {
      const drained = done
      done = []
      return drained
    },
    haveFailed() {
      const answer = failed
      failed = undefined
      return answer
    },
    settled: async () => running,
  }
}

const tell = (pause: Breaker, { failure }: ProbeResult): void => {
  if (failure === undefined || HARMLESS.includes(failure)) pause.mended()
  else pause.failed()
}
