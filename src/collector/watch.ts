// The only loop driven by time: each tick one sample on the held connection, then one fresh connection attempt; more samples
// while something begins, fewer when they cost too much.
import type { Clock, Engine, EvidenceEvent, HostMeter, Observation, Sample } from '../model/index.ts'
import { BURST_INTERVAL_MS, type Burst, bursts } from './burst.ts'
import { heldLine, type Line } from './line.ts'
import { merge } from './merge.ts'
import { notices } from './notice.ts'
import { type Pace, pacing } from './pace.ts'
import { type Prober, prober } from './prober.ts'
import { type Signs, signs } from './sign.ts'
import { forward, phaseMs, until } from './time.ts'

export interface WatchOptions {
  clock: Clock
  host?: HostMeter
  tickMs?: number
  /** Ends after this many ticks; without it only the signal ends the watch. */
  ticks?: number
  signal?: AbortSignal
  /** From 0 to 1, for the pauses before another attempt. */
  random?: () => number
  /** Addresses of this machine to make the connection attempts from, in turn. */
  from?: readonly string[]
  /** Between two connection attempts, milliseconds; never less than a second. */
  probeEveryMs?: number
}

export const TICK_MS = 1_000

/**
 * Observes until the ticks are used up or the signal aborts. A tick whose sample failed, or that came more than half a tick late, is a gap:
 * it is neither repeated nor counted as zero; of several late ones only the last is told. At most two connections are open at
 * a time: the held one and one probe.
 */
export async function* watch(engine: Engine, options: WatchOptions): AsyncGenerator<Observation> {
  const { tickMs = TICK_MS, ticks = Number.POSITIVE_INFINITY } = options
  const clock = forward(options.clock)
  // One of its own: a signal that many watches share would search the listeners of all of them at every wait.
  const signal = options.signal && AbortSignal.any([options.signal])
  const round = rounds(engine, clock, { ...options, ...(signal && { signal }) }, tickMs)
  const { line, probes } = round
  try {
    const phase = phaseMs(engine.target.name, tickMs)
    await until(clock, placeAfter(clock.now(), phase, tickMs), tickMs, signal)
    await line.open(signal)
    const start = placeAfter(clock.now() - tickMs / 2, phase, tickMs)
    for (let n = 0; n < ticks && !signal?.aborted; n++) {
      await until(clock, start + n * tickMs, tickMs, signal)
      if (signal?.aborted) break
      const missed = Math.ceil((clock.now() - start) / tickMs - 0.5) - n
      if (missed > 0) n = Math.min(n + missed, ticks) - 1
      await round.go(n, start + n * tickMs, missed > 0)
      // The last attempt is part of the watch: there is no later tick to report it in.
      if (n === ticks - 1) await probes.settled()
      // What an abort cut short is no gap.
      if (signal?.aborted) break
      yield round.hand()
    }
  } finally {
    await probes.settled()
    await line.close()
  }
}

/** The first time not before `t` that is `phase` past a whole tick. */
const placeAfter = (t: number, phase: number, tickMs: number): number =>
  Math.ceil((t - phase) / tickMs) * tickMs + phase

interface Parts {
  line: Line
  probes: Prober
  pace: Pace
  burst: Burst
  sign: Signs
}

/** What is done in each tick, and what is remembered from one to the next. */
function rounds(engine: Engine, clock: Clock, options: WatchOptions, tickMs: number) {
  const { host, signal, random = Math.random, from = [], probeEveryMs = 0 } = options
  const line = heldLine(engine, clock, random)
  const probes = prober(engine, clock, { random, from, everyMs: probeEveryMs, signal }, () => line.hurry())
  const parts: Parts = { line, probes, pace: pacing(tickMs), burst: bursts(tickMs), sign: signs() }
  const { pace, burst, sign } = parts
  const say = notices()
  let latest: Omit<Observation, 'probes'> | undefined

  /** The first sample of a tick; undefined makes it a gap. */
  const first = async (n: number): Promise<Sample | undefined> => {
    await line.open(signal)
    const before = clock.now()
    const sample = await line.sample(signal)
    if (line.connection) pace.spent(n, clock.now() - before)
    return sample
  }

  const take = async (n: number, t: number): Promise<Omit<Observation, 'probes'>> => {
    const rests = !pace.isDue(n)
    const sample = rests ? undefined : await first(n)
    const cpuPct = line.connection?.facts.sameHost ? host?.cpuPct() : undefined
    let taken = merge(t, sample ? [sample] : [], cpuPct)
    const { tick, limits } = taken
    if (limits && line.connection) probes.look({ tick, limits, facts: line.connection.facts })
    const heldBack = signal?.aborted ? undefined : probes.next(t)
    if (!rests) {
      burst.see(sign.in(tick, probes.haveFailed(), limits))
      if (burst.sign === undefined) sign.learn()
      else if (sample) taken = merge(t, [sample, ...(await more(parts, clock, t, tickMs, signal))], cpuPct)
    }
    const everyMs = pace.everyMs > tickMs ? pace.everyMs : undefined
    return {
      ...taken,
      ...(burst.sign !== undefined && { burst: burst.sign }),
      ...(heldBack !== undefined && { heldBack }),
      ...(everyMs !== undefined && { everyMs }),
      ...eventsOf(say(t, { heldBack, everyMs, costMs: pace.costMs })),
    }
  }

  return {
    line,
    probes,
    /** One tick; a late one is not sampled, and nothing is attempted in it. */
    async go(n: number, t: number, isLate: boolean): Promise<void> {
      latest = isLate ? merge(t, []) : await take(n, t)
    },
    /** What the tick brought. It is handed over and not kept: with many targets that is most of the memory. */
    hand(): Observation {
      const { connection, problem } = line
      const observation = {
        ...(latest ?? merge(clock.now(), [])),
        probes: probes.drain(),
        ...(connection && { connection }),
        ...(problem && { problem }),
      }
      latest = undefined
      return observation
    },
  }
}

const eventsOf = (events: EvidenceEvent[]): Pick<Observation, 'events'> =>
  events.length > 0 ? { events } : {}

/** Samples in the rest of a tick. A late one is skipped; a failed one ends it. */
async function more(
  { line, pace }: Parts,
  clock: Clock,
  t: number,
  tickMs: number,
  signal: AbortSignal | undefined,
): Promise<Sample[]> {
  const samples: Sample[] = []
  const everyMs = pace.atLeast(BURST_INTERVAL_MS)
  for (let at = t + everyMs; at + everyMs <= t + tickMs; at += everyMs) {
    if (clock.now() > at + everyMs / 2) continue
    await until(clock, at, tickMs, signal)
    const sample = signal?.aborted ? undefined : await line.sample(signal)
    if (!sample) break
    samples.push(sample)
  }
  return samples
}
