// What the watch does to spare the server, said once when it begins; and that the server is another one than before.
import type { EvidenceEvent } from '../model/index.ts'

/** What ended and comes again within this time is no news, milliseconds: around a limit it does so with every tick. */
const QUIET_MS = 30_000

interface Sparing {
  /** Why no attempt is made. */
  heldBack: string | undefined
  /** Time between two samples where it is longer than a tick, and what one takes, milliseconds. */
  everyMs: number | undefined
  costMs: number
  /** When the server that is connected to was started, ISO 8601; undefined where it is not known, or nobody is connected. */
  startedAt?: string | undefined
}

/** The server tells its age in whole seconds, milliseconds. */
const SAME_MS = 3_000

export function notices(): (t: number, sparing: Sparing) => EvidenceEvent[] {
  const held = newsOf()
  const lengthened = newsOf()
  let known = Number.NaN
  return (t, { heldBack, everyMs, costMs, startedAt = '' }) => {
    const events: EvidenceEvent[] = []
    const add = (kind: string, message: string) => events.push({ t, source: 'spillway', kind, message })
    if (heldBack !== undefined && held(t, 'held'))
      add('probe-held-back', `no connection attempt is made: ${heldBack}`)
    if (everyMs !== undefined && lengthened(t, everyMs))
      add(
        'interval-lengthened',
        `a sample takes ${costMs.toFixed(0)} ms, so that one in ${everyMs / 1_000} s is taken`,
      )
    const started = Date.parse(startedAt)
    if (started - known > SAME_MS) add('server-restarted', `the server was started again at ${startedAt}`)
    if (!Number.isNaN(started)) known = started
    return events
  }
}

/** Whether a state is new: another one than the last, or the first one for some time. */
function newsOf(): (t: number, state: string | number) => boolean {
  let [last, until]: [string | number | undefined, number] = [undefined, Number.NEGATIVE_INFINITY]
  return (t, state) => {
    const isNew = state !== last || t > until
    ;[last, until] = [state, t + QUIET_MS]
    return isNew
  }
}
