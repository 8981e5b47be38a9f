// The only loop driven by time: each tick one sample on the held connection, then one fresh connection attempt.
import type { Clock, Engine, HostMeter, Observation, ProbeResult } from '../model/index.ts'
import { heldLine, type Line } from './line.ts'

export interface WatchOptions {
  clock: Clock
  host?: HostMeter
  tickMs?: number
  /** Ends after this many ticks; without it only the signal ends the watch. */
  ticks?: number
  signal?: AbortSignal
}

export const TICK_MS = 1_000

/**
 * Observes until the ticks are used up or the signal aborts. A tick whose sample failed, or that came more than half a tick late, is a gap:
 * it is neither repeated nor counted as zero. At most two connections are open at a time: the held one and one probe.
 */
export async function* watch(engine: Engine, options: WatchOptions): AsyncGenerator<Observation> {
  const { clock, host, tickMs = TICK_MS, ticks = Number.POSITIVE_INFINITY, signal } = options
  const line = heldLine(engine, clock)
  const prober = probeInTurn(engine, clock, signal)
  try {
    await line.open(signal)
    const start = clock.now()
    for (let n = 0; n < ticks && !signal?.aborted; n++) {
      const due = start + n * tickMs
      await clock.sleep(due - clock.now(), signal)
      if (signal?.aborted) break
      const late = clock.now() - due > tickMs / 2
      const taken = late ? gap(due) : await takeTick(line, due, host, signal)
      // What an abort cut short is no gap.
      if (signal?.aborted) break
      prober.next()
      // The last attempt is part of the watch: there is no later tick to report it in.
      if (n === ticks - 1) await prober.settled()
      yield { ...taken, probes: prober.drain(), ...state(line) }
    }
  } finally {
    await prober.settled()
    await line.close()
  }
}

type Taken = Pick<Observation, 'tick' | 'limits' | 'failures' | 'statements'>

const gap = (t: number): Taken => ({ tick: { t, signals: {} } })

async function takeTick(line: Line, t: number, host?: HostMeter, signal?: AbortSignal): Promise<Taken> {
  await line.open(signal)
  const sample = await line.sample(signal)
  if (!sample) return gap(t)
  const cpuPct = line.connection?.facts.sameHost ? host?.cpuPct() : undefined
  const { sessions, idle, limits, failures, statements } = sample
  const signals = cpuPct === undefined ? sample.signals : { ...sample.signals, cpu_pct: cpuPct }
  return {
    tick: { t, signals, sessions, idle },
    limits,
    ...(failures && { failures: failures.map(failure => ({ t, ...failure })) }),
    ...(statements && { statements: statements.map(statement => ({ t, ...statement })) }),
  }
}

const state = ({ connection, problem }: Line): Pick<Observation, 'connection' | 'problem'> => ({
  ...(connection ? { connection } : {}),
  ...(problem ? { problem } : {}),
})

/** One attempt at a time: while one hangs in its deadline, no other is made. */
function probeInTurn(engine: Engine, clock: Clock, signal?: AbortSignal) {
  let done: ProbeResult[] = []
  let running: Promise<void> | undefined
  return {
    next() {
      // On the clock of the ticks: the wall clock's milliseconds may fall before the tick the attempt belongs to.
      const t = clock.now()
      running ??= engine.probe(signal).then(result => {
        if (!signal?.aborted) done.push({ ...result, t })
        running = undefined
      })
    },
    settled: async () => running,
    drain() {
      const drained = done
      done = []
      return drained
    },
  }
}
