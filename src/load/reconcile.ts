// One load out of two: what the samples saw, and what the server's own clock says. Neither alone is the truth.
import type { ByWaitClass, ExactLoad, SessionSample, Tick } from '../model/index.ts'
import { activeSessions } from './aas.ts'
import { isActive } from './census.ts'
import { mean } from './number.ts'

export interface Reconciled {
  /** The calibrated load, average active sessions. */
  aas: number
  /** Over the ticks that have both. */
  exact: ExactLoad
}

/** Fewer say nothing of noise. */
const FEWEST_TICKS = 5
/** In standard errors: from here on two readings are at odds. By chance alone it happens once in 400 times. */
const AT_ODDS = 3
/** A busy backend reports once a second: the standard deviation of what it has not handed in, seconds. */
const REPORT_S = 0.3
/** Planning is a good part of statements below this, milliseconds; the clock misses it in the extended protocol. */
const SHORT_MS = 10
/** From this share of the short load on, it matters that the clock misses planning. */
const MATTERS = 0.1

/**
 * Weighs both by their noise when they agree. When they are at odds, one of them missed something, for neither sees what is not
 * there, with one exception:
 *
 * - The clock is below: statements that touch no table are not credited, in the extended protocol only Execute is, and a long
 *   statement is credited after the next one. The samples are right.
 * - The clock is above: the sampler gets a processor when others let go of it, which is between their statements; with
 *   statements of less than a millisecond on a crowded host it saw 20 to 96 % too little. The clock is right, unless the excess came
 *   in a few ticks: time from before that was handed in late. Then the samples are.
 *
 * Undefined without a clock, or with too few ticks that have both.
 */
export function reconcile(ticks: readonly Tick[]): Reconciled | undefined {
  const paired = ticks.flatMap(tick => {
    const exact = tick.signals.aas_exact
    const seen = exact === undefined ? undefined : sampledIn(tick)
    return seen === undefined || exact === undefined ? [] : [{ tick, seen, exact }]
  })
  const n = paired.length
  if (n < FEWEST_TICKS || n < ticks.filter(tick => sampledIn(tick) !== undefined).length / 2) return undefined
  const seen = paired.map(pair => pair.seen)
  const clock = paired.map(pair => pair.exact)
  const [sampled, exact] = [mean(seen), Math.max(0, mean(clock))]
  const active = paired.flatMap(({ tick }) => tick.sessions?.filter(isActive) ?? [])
  const noise = { seen: samplingError(seen), clock: clockError(Math.max(sampled, exact), active, paired) }
  const z = (sampled - exact) / Math.hypot(noise.seen, noise.clock)
  const source = believed({ z, sampled, clock, missesPlanning: missesPlanning(active) })
  const weight = noise.clock ** 2 / (noise.seen ** 2 + noise.clock ** 2)
  const aas = { samples: sampled, clock: exact, both: weight * sampled + (1 - weight) * exact }[source]
  const errorPct = aas > 0 ? (100 * (sampled - aas)) / aas : 0
  return { aas, exact: { aas: exact, sampled, errorPct, source } }
}

/** In a burst there were more samples than the one whose sessions were kept. */
const sampledIn = (tick: Tick): number | undefined =>
  (tick.samples ?? 1) > 1 ? (tick.signals.aas ?? activeSessions(tick)) : activeSessions(tick)

/**
 * Standard error of the mean of samples: by successive differences (von Neumann 1941), because what lasts from one sample to the
 * next is known and no noise. Not less than one session in one sample.
 */
function samplingError(values: readonly number[]): number {
  const squares = values.slice(1).map((value, i) => (value - values[i]!) ** 2)
  return Math.max(1 / values.length, Math.sqrt(mean(squares) / 2 / values.length))
}

/**
 * Standard error of the clock over the ticks: what was credited in them from before, and what was not yet at their end. A session
 * owes up to a second of its time and its last statement. About twice as many sessions come and go as are active.
 */
function clockError(
  aas: number,
  active: readonly SessionSample[],
  paired: readonly { tick: Tick }[],
): number {
  const seconds = (paired.at(-1)!.tick.t - paired[0]!.tick.t) / 1000
  const ageS = mean(active.map(({ stateAgeMs = 0 }) => stateAgeMs / 1000)) || 0
  return (2 * Math.sqrt(aas) * (REPORT_S + ageS)) / seconds
}

/** A statement with parameters came by the extended protocol. */
function missesPlanning(active: readonly SessionSample[]): boolean {
  const short = active.filter(({ stateAgeMs = 0 }) => stateAgeMs < SHORT_MS)
  const planned = short.filter(({ statement = '' }) => /\$\d/.test(statement))
  return planned.length > MATTERS * active.length
}

interface Odds {
  /** Samples above the clock, in standard errors of the difference. */
  z: number
  sampled: number
  clock: readonly number[]
  missesPlanning: boolean
}

function believed({ z, sampled, clock, missesPlanning: isLeast }: Odds): ExactLoad['source'] {
  if (z > AT_ODDS) return 'samples'
  if (isLeast) return z > 0 ? 'samples' : 'clock'
  if (z > -AT_ODDS) return 'both'
  // Without the tenth at either end: what comes in a few lumps is gone from it.
  const cut = Math.max(1, Math.floor(clock.length / 10))
  const usual = mean([...clock].sort((a, b) => a - b).slice(cut, -cut))
  return Math.abs(usual - sampled) < Math.abs(mean(clock) - usual) ? 'samples' : 'clock'
}

/** Statements from here on are met by a sample a second; shorter ones are sampled by chance. Milliseconds. */
const LONG_MS = 1_000

/**
 * The classes of the sampled load, made to add up to the calibrated one. What is missing or too much is among the short
 * statements, in proportion; where none of them was sampled, what is missing was on CPU.
 */
export function calibrate(ticks: readonly Tick[], byWaitClass: ByWaitClass, aas: number): ByWaitClass {
  const short: ByWaitClass = {}
  for (const { state, stateAgeMs = 0, waitClass = 'CPU' } of ticks.flatMap(tick => tick.sessions ?? []))
    if (state === 'active' && stateAgeMs < LONG_MS) short[waitClass] = (short[waitClass] ?? 0) + 1
  const sampled = ticks.filter(tick => tick.sessions).length
  const missing = aas - total(byWaitClass)
  const enough = total(short) / sampled + missing >= 0
  const among = missing > 0 && total(short) === 0 ? { CPU: 1 } : enough ? short : byWaitClass
  const scaled: ByWaitClass = { ...byWaitClass }
  for (const [name, value] of Object.entries(among) as [keyof ByWaitClass, number][])
    scaled[name] = (scaled[name] ?? 0) + (missing * value) / total(among)
  return scaled
}

const total = (load: ByWaitClass): number => Object.values(load).reduce((sum, value) => sum + value, 0)
