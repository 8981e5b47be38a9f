// How far a replica is behind its writer.
import { mean, median } from '../load/index.ts'
import type { Tick } from '../model/index.ts'

/** Seconds behind from which readers miss what they wrote themselves. */
const BEHIND_S = 5
/** Times the usual lag that is another one. */
const MORE = 3

/** Mean lag in seconds; undefined where nobody tells, as on a writer. */
export function lagOf(ticks: readonly Tick[]): number | undefined {
  const lags = lagsIn(ticks)
  return lags.length > 0 ? mean(lags) : undefined
}

const lagsIn = (ticks: readonly Tick[]): number[] =>
  ticks.flatMap(({ signals: { replica_lag_s: lag } }) => lag ?? [])

/** Whether a lag is one that readers notice, beside the usual one. */
export const isBehind = (lag: number, usual: number): boolean => lag >= BEHIND_S && lag >= MORE * usual

/** Whether a replica is behind in a tick, beside the quietest quarter of the evidence. */
export function behind(ticks: readonly Tick[]): (tick: Tick) => boolean {
  const lags = lagsIn(ticks).sort((a, b) => a - b)
  const usual = median(lags.slice(0, Math.max(1, Math.ceil(lags.length / 4)))) || 0
  return ({ signals: { replica_lag_s: lag } }) => lag !== undefined && isBehind(lag, usual)
}
