// What the watch does to spare the server, said once when it begins.
import type { EvidenceEvent } from '../model/index.ts'

/** What ended and comes again within this time is no news, milliseconds: around a limit it does so with every tick. */
const QUIET_MS = 30_000

interface Sparing {
  /** Why no attempt is made. */
  heldBack: string | undefined
  /** Time between two samples where it is longer than a tick, and what one takes, milliseconds. */
  everyMs: number | undefined
  costMs: number
}

export function notices(): (t: number, sparing: Sparing) => EvidenceEvent[] {
  const held = newsOf()
  const lengthened = newsOf()
  return (t, { heldBack, everyMs, costMs }) => {
    const events: EvidenceEvent[] = []
    const add = (kind: string, message: string) => events.push({ t, source: 'spillway', kind, message })
    if (heldBack !== undefined && held(t, 'held'))
      add('probe-held-back', `no connection attempt is made: ${heldBack}`)
    if (everyMs !== undefined && lengthened(t, everyMs))
      add(
        'interval-lengthened',
        `a sample takes ${costMs.toFixed(0)} ms, so that one in ${everyMs / 1_000} s is taken`,
      )
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
