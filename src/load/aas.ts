// Average active sessions: Σ active sessions over the ticks ÷ ticks, by any dimension. A gap is no tick.
import {
  type ByWaitClass,
  type SessionSample,
  type Signals,
  type Tick,
  WAIT_CLASSES,
  type WaitClass,
} from '../model/index.ts'
import { type Census, census, isActive } from './census.ts'

const SIGNAL_OF = Object.fromEntries(WAIT_CLASSES.map(name => [name, `aas_${name.toLowerCase()}`])) as Record<
  (typeof WAIT_CLASSES)[number],
  keyof Signals
>

/**
 * Active sessions of one tick: counted where sessions were sampled once, the mean where they were sampled more often, else
 * the signal or its classes; undefined for a gap.
 */
export function activeSessions(tick: Tick): number | undefined {
  const means = burstMeans(tick)
  if (means) return total(means)
  if (tick.sessions) return tick.sessions.filter(isActive).length
  if (tick.signals.aas !== undefined) return tick.signals.aas
  const classes = activeByWaitClass(tick)
  return classes && total(classes)
}

/** Active sessions of one tick by wait class; undefined for a gap, or where only the total is known. */
export const activeByWaitClass = (
  tick: Tick,
  { byWaitClass }: Census = census(tick.sessions),
): ByWaitClass | undefined => burstMeans(tick) ?? (tick.sessions ? byWaitClass : signalledByWaitClass(tick))

/**
 * The tick as it would be with other sessions. Of a burst only the last sample's sessions are known: its means shrink, class
 * by class, in the proportion in which the sessions do, and what only earlier samples saw stays.
 */
export function withSessions(tick: Tick, sessions: SessionSample[]): Tick {
  const means = burstMeans(tick)
  if (!means || !tick.sessions) return { ...tick, sessions }
  const [before, after] = [census(tick.sessions).byWaitClass, census(sessions).byWaitClass]
  const left = (name: WaitClass) => (before[name] ? (after[name] ?? 0) / before[name] : 1)
  const signals = { ...tick.signals }
  for (const name of WAIT_CLASSES) signals[SIGNAL_OF[name]] = (means[name] ?? 0) * left(name)
  signals.aas = WAIT_CLASSES.reduce((sum, name) => sum + (means[name] ?? 0) * left(name), 0)
  if (signals.lock_waiters !== undefined) signals.lock_waiters *= left('Lock')
  return { ...tick, signals, sessions }
}

/** The means of a tick that was sampled more than once. */
const burstMeans = (tick: Tick): ByWaitClass | undefined =>
  (tick.samples ?? 1) > 1 ? signalledByWaitClass(tick) : undefined

function signalledByWaitClass({ signals }: Tick): ByWaitClass | undefined {
  const found: ByWaitClass = {}
  for (const name of WAIT_CLASSES) {
    const value = signals[SIGNAL_OF[name]]
    if (value !== undefined) found[name] = value
  }
  return Object.keys(found).length > 0 ? found : undefined
}

const total = (classes: ByWaitClass): number => Object.values(classes).reduce((sum, value) => sum + value, 0)

export interface Load {
  aas: number
  byWaitClass: ByWaitClass
  /** Ticks that counted, and ticks that were missing. */
  ticks: number
  gaps: number
}

/** The load over some ticks; `aas` is 0 when there is no tick that counts (look at `ticks`). */
export function load(ticks: readonly Tick[]): Load {
  const counted = ticks.filter(tick => activeSessions(tick) !== undefined)
  const byWaitClass: ByWaitClass = {}
  for (const tick of counted) {
    for (const [name, value] of Object.entries(activeByWaitClass(tick) ?? {})) {
      if (value === 0) continue
      byWaitClass[name as keyof ByWaitClass] =
        (byWaitClass[name as keyof ByWaitClass] ?? 0) + value / counted.length
    }
  }
  const total = counted.reduce((sum, tick) => sum + (activeSessions(tick) ?? 0), 0)
  return {
    aas: counted.length === 0 ? 0 : total / counted.length,
    byWaitClass,
    ticks: counted.length,
    gaps: ticks.length - counted.length,
  }
}

/** AAS by a dimension of the sessions, such as the statement or the application; of a burst the last sample speaks. */
export function loadBy(
  ticks: readonly Tick[],
  dimension: (session: SessionSample) => string | undefined,
): Map<string, number> {
  const sampled = ticks.filter(tick => tick.sessions)
  const found = new Map<string, number>()
  for (const session of sampled.flatMap(tick => tick.sessions!.filter(isActive))) {
    const key = dimension(session)
    if (key !== undefined) found.set(key, (found.get(key) ?? 0) + 1 / sampled.length)
  }
  return found
}
