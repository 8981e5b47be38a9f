// How often a server may be asked: a sample that takes too much of the time is taken less often, never not at all.
import { median } from '../load/index.ts'

/** Most of the time between two samples that one may take. */
const SHARE = 0.2
/** Samples whose median is the cost: one slow answer is none. */
const LATEST = 3
const LONGEST_MS = 10_000
/** Ticks with nothing but cheap samples before the interval becomes shorter again: there are three of them at least. */
const CHEAP = 10

export interface Pace {
  /** Time between two samples, milliseconds; at least a tick. */
  readonly everyMs: number
  /** Time one sample takes, milliseconds. */
  readonly costMs: number
  /** Whether the n-th tick is to be sampled. */
  isDue(n: number): boolean
  /** Told how long the sample of a tick took, milliseconds. */
  spent(n: number, ms: number): void
  /** The interval of at least `ms` that a sample does not take too much of. */
  atLeast(ms: number): number
}

/** The interval doubles as soon as the median is too dear, up to ten seconds, and is halved only slowly. */
export function pacing(tickMs: number): Pace {
  const most = Math.max(1, Math.floor(LONGEST_MS / tickMs))
  let [every, next, cheap, costMs] = [1, 0, 0, 0]
  const latest: number[] = []
  const isTooDear = (ticks: number) => latest.length === LATEST && costMs > SHARE * ticks * tickMs
  return {
    get everyMs() {
      return every * tickMs
    },
    get costMs() {
      return costMs
    },
    isDue: n => n >= next,
    spent(n, ms) {
      latest.push(ms)
      if (latest.length > LATEST) latest.shift()
      costMs = median(latest)
      cheap = isTooDear(every / 2) ? 0 : cheap + 1
      if (isTooDear(every)) every = Math.min(most, 2 * every)
      else if (cheap >= Math.max(LATEST, CHEAP / every) && every > 1) {
        every = Math.ceil(every / 2)
        cheap = 0
      }
      next = n + every
    },
    atLeast: ms => Math.max(ms, costMs / SHARE),
  }
}
