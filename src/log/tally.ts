// Records of a log, counted: memory grows with what differs, not with what happened.
import type { EvidenceEvent, FailureCount, Interval, Testimony } from '../model/index.ts'
import type { LogRecord } from './content.ts'

export interface Bins {
  /** Only what falls into it is counted; everything when absent. */
  window?: Interval
  /** Width of the bins, which begin at the window's start, milliseconds. */
  binMs: number
}

/** Groups that differ in who it was; a flood of names beyond it is counted without them. */
const MAX_GROUPS = 20_000
const MAX_EVENTS = 1_000
/** More bins than that many are days of a log, not an incident. */
const MAX_BINS = 200_000

export class Tally {
  readonly #bins: Bins
  readonly #groups = new Map<string, FailureCount>()
  readonly #opened = new Map<number, number>()
  #events: EvidenceEvent[] = []

  constructor(bins: Bins) {
    this.#bins = bins
  }

  add(record: LogRecord): void {
    const { window, binMs } = this.#bins
    const from = window?.from ?? 0
    if (window && (record.t < window.from || record.t >= window.to)) return
    const t = from + Math.floor((record.t - from) / binMs) * binMs
    if (record.kind === 'failure') this.#count(t, record.failure)
    else if (record.kind === 'authorized') {
      if (this.#opened.size < MAX_BINS || this.#opened.has(t))
        this.#opened.set(t, (this.#opened.get(t) ?? 0) + 1)
    } else if (record.kind === 'event' && this.#events.length < MAX_EVENTS) {
      this.#events.push({ t: record.t, source: record.source, kind: record.event, message: record.message })
    }
  }

  /** What was counted since the last time. */
  take(notes: string[], complete: boolean): Testimony {
    const failures = [...this.#groups.values()].sort((a, b) => a.t - b.t)
    const opened = [...this.#opened].map(([t, count]) => ({ t, count }))
    const events = this.#events
    this.#groups.clear()
    this.#opened.clear()
    this.#events = []
    return { failures, events, ...(opened.length > 0 ? { opened } : {}), complete, notes }
  }

  #count(t: number, failure: Omit<FailureCount, 't' | 'count'>): void {
    const isFull = this.#groups.size >= MAX_GROUPS
    const { user, database, host, application, native } = failure
    const what = [t, failure.failure, native?.code, native?.message]
    const key = JSON.stringify([...what, user, database, host, application])
    const known = this.#groups.get(key)
    if (known) known.count++
    else if (!isFull) this.#groups.set(key, { t, ...failure, count: 1 })
    else this.#countNameless(t, failure)
  }

  #countNameless(
    t: number,
    { source, failure, native }: Pick<FailureCount, 'source' | 'failure' | 'native'>,
  ): void {
    const key = JSON.stringify([t, failure])
    const known = this.#groups.get(key)
    if (known) known.count++
    else if (this.#groups.size < MAX_GROUPS + MAX_BINS)
      this.#groups.set(key, { t, source, failure, ...(native ? { native } : {}), count: 1 })
  }
}
