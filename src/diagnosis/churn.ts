// How fast sessions are opened, and how long they live: connections without a pool come and go.
import { mean, median } from '../load/index.ts'
import type { Tick } from '../model/index.ts'
import { tally } from './tally.ts'

/** Times the usual rate that is another one. */
const MORE = 4
/** Sessions opened a second: fewer are nobody's storm, and this many are one even where nobody knows what is usual. */
export const SOME_OPENED = 5
export const MANY_OPENED = 20
/** Below this mean life, in seconds, a session is opened for one task. */
const SHORT_S = 1

export interface Churn {
  /** Sessions opened a second. */
  opened: number
  /** Mean life of a session in seconds, by Little's law: sessions ÷ opened a second. */
  lifeS: number
}

/** Undefined where nobody counted. */
export function churnOf(ticks: readonly Tick[]): Churn | undefined {
  const rates = ticks.flatMap(({ signals }) => signals.connections_opened_per_s ?? [])
  if (rates.length === 0) return undefined
  const opened = mean(rates)
  return {
    opened,
    lifeS: (mean(ticks.flatMap(tick => tally(tick).connections ?? [])) || 0) / Math.max(opened, 1e-9),
  }
}

/** `usual`: sessions opened a second before it; undefined where nobody saw. */
export const isStorm = ({ opened, lifeS }: Churn, usual: number | undefined): boolean =>
  lifeS < SHORT_S &&
  (usual === undefined ? opened >= MANY_OPENED : opened >= SOME_OPENED && opened > MORE * usual)

/** Whether a tick is in a storm, beside the quietest quarter of the evidence. */
export function stormy(ticks: readonly Tick[]): (tick: Tick) => boolean {
  const rates = ticks.flatMap(({ signals }) => signals.connections_opened_per_s ?? []).sort((a, b) => a - b)
  const usual = median(rates.slice(0, Math.max(1, Math.ceil(rates.length / 4)))) || 0
  return tick => {
    const churn = churnOf([tick])
    return churn !== undefined && isStorm(churn, usual)
  }
}
