// The ticks of a bundle: signals and sessions joined by time, and gaps made visible.
import type { Interval, Tick } from '../../model/index.ts'

type SessionsOfTick = Omit<Tick, 'signals'>

/** Joins two lists that are in order of time; a time that stands in one only is fine. */
export function joinTicks(signals: readonly Tick[], sessions: readonly SessionsOfTick[]): Tick[] {
  const ticks: Tick[] = []
  let next = 0
  for (const tick of signals) {
    for (; sessions[next] && sessions[next]!.t < tick.t; next++)
      ticks.push({ ...sessions[next]!, signals: {} })
    ticks.push(sessions[next]?.t === tick.t ? { ...tick, ...sessions[next++] } : tick)
  }
  for (; sessions[next]; next++) ticks.push({ ...sessions[next]!, signals: {} })
  return ticks
}

/** Puts an empty tick wherever a whole one is missing between `from` and `to`; times may jitter by less than that. */
export function fillGaps(ticks: readonly Tick[], { from, to }: Interval, tickMs: number): Tick[] {
  const filled: Tick[] = []
  let covered = from
  const fillUntil = (t: number) => {
    for (; t - covered >= tickMs; covered += tickMs) filled.push({ t: covered, signals: {} })
  }
  for (const tick of ticks) {
    fillUntil(tick.t)
    filled.push(tick)
    covered = tick.t + tickMs
  }
  fillUntil(to)
  return filled
}
