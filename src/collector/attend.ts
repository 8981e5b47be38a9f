// Hears the witnesses while a watch goes on, each in its own time, and brings what they said to its evidence.
import { AppError, type Clock, type Evidence, type Testimony, type Witness } from '../model/index.ts'
import { withTestimony } from './testimony.ts'
import { TICK_MS } from './watch.ts'

/** Kept of one witness; what is older is forgotten. */
const MOST_FAILURES = 50_000

export interface Heard {
  evidence: Evidence
  /** What could not be heard, or not understood; for people. */
  notes: string[]
}

export interface Attendance {
  /** Hears everybody once more and ends. */
  finish(evidence: Evidence): Promise<Heard>
}

/** Goes on until it is finished or the signal aborts. */
export function attend(witnesses: readonly Witness[], clock: Clock, signal: AbortSignal): Attendance {
  const stop = new AbortController()
  const end = AbortSignal.any([stop.signal, signal])
  const heard = witnesses.map(witness => listening(witness, clock, end))
  return {
    async finish(evidence) {
      stop.abort()
      const all = await Promise.all(heard)
      return {
        evidence: all.reduce(withTestimony, evidence),
        notes: [...new Set(all.flatMap(({ notes }) => notes))],
      }
    },
  }
}

async function listening(witness: Witness, clock: Clock, stop: AbortSignal): Promise<Testimony> {
  let all: Testimony = { failures: [], events: [], complete: true, notes: [] }
  try {
    for (let over = false; !over; ) {
      // Looked at before the hearing, so that everything up to the end is heard.
      over = stop.aborted
      all = await hear(witness, all)
      if (!over) await clock.sleep(TICK_MS, stop)
    }
  } finally {
    await witness.close()
  }
  return all
}

/** A witness that fails leaves what it said before; then its silence proves nothing. */
async function hear(witness: Witness, before: Testimony): Promise<Testimony> {
  try {
    const now = await witness.hear()
    const opened = [...(before.opened ?? []), ...(now.opened ?? [])].slice(-MOST_FAILURES)
    return {
      failures: [...before.failures, ...now.failures].slice(-MOST_FAILURES),
      events: [...before.events, ...now.events].slice(-MOST_FAILURES),
      ...(opened.length > 0 ? { opened } : {}),
      complete: before.complete && now.complete,
      notes: [...before.notes, ...now.notes],
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { ...before, complete: false, notes: [...before.notes, error.message] }
  }
}
