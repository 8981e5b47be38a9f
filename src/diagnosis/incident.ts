// Finds the incident: from the first tick of lasting trouble, whatever kind of trouble it is.
import { type Evidence, type Incident, SLOT_FAILURES } from '../model/index.ts'
import type { Sides } from './signal/change.ts'
import { findShift } from './signal/shift.ts'
import { type Trouble, troubles } from './trouble.ts'

/** Trouble shorter than this many ticks is a blip. */
export const LASTING_TICKS = 3
/** Gaps and single good ticks that do not end an incident. */
const BRIDGED_TICKS = 2

/** How an incident was found: somebody marked it, its ticks show what is wrong, or they only differ from the others. */
export interface Found extends Incident {
  by: 'window' | 'signs' | 'counters'
  /** How much worse off clients are, 0 to 1: a sign of trouble is trouble. */
  harm: number
  /** Where the counters told it. */
  sides?: Sides
}

/** The latest incident, or the marked window; `onset` is `from` until a finding knows better. */
export function findIncident(evidence: Evidence): Found | undefined {
  const { to, window } = evidence
  if (window) return { ...window, onset: window.from, ongoing: window.to >= to, by: 'window', harm: 1 }
  // Sessions show trouble for what it is. Where there are none, a high level alone is nothing: it may be the system's normal state.
  const sampled = evidence.ticks.some(tick => tick.sessions)
  return sampled ? (bySigns(evidence) ?? byCounters(evidence)) : (byCounters(evidence) ?? bySigns(evidence))
}

function bySigns(evidence: Evidence): Found | undefined {
  const sampled = evidence.ticks.some(tick => tick.sessions)
  const counts = (sign: Trouble) => sampled || !FROM_LEVELS.includes(sign)
  const run = lastingRun(troubles(evidence).map(signs => signs.some(counts))) ?? refusals(evidence)
  return run && within(evidence, run, { by: 'signs', harm: 1 })
}

/** Signs that come from the level of a counter where no sessions were sampled. */
const FROM_LEVELS: readonly Trouble[] = ['load', 'blocked']

function byCounters(evidence: Evidence): Found | undefined {
  const shift = findShift(evidence)
  return (
    shift &&
    within(evidence, [shift.from, shift.to - 1], { by: 'counters', harm: shift.harm, sides: shift.sides })
  )
}

function within(
  { ticks, tickMs, to }: Evidence,
  [first, last]: [number, number],
  how: Pick<Found, 'by' | 'harm' | 'sides'>,
): Found {
  const from = ticks[first]!.t
  const ongoing = ticks.length - 1 - last <= BRIDGED_TICKS
  return { from, to: ongoing ? to : ticks[last]!.t + tickMs, onset: from, ongoing, ...how }
}

/** First and last index of the latest run of trouble that lasts, bridging short breaks. */
function lastingRun(trouble: boolean[]): [number, number] | undefined {
  let run: { first: number; last: number; bad: number } | undefined
  let lasting: [number, number] | undefined
  trouble.forEach((bad, i) => {
    if (!bad) return
    run =
      run && i - run.last - 1 <= BRIDGED_TICKS
        ? { ...run, last: i, bad: run.bad + 1 }
        : { first: i, last: i, bad: 1 }
    if (run.bad >= LASTING_TICKS) lasting = [run.first, run.last]
  })
  return lasting
}

/**
 * From the first to the last tick in which an attempt was refused for want of a slot. The network may swallow an attempt now and
 * then; a server that says it has no slot left does not err, so not one such refusal is a blip.
 */
function refusals({ ticks, probes, from, tickMs }: Evidence): [number, number] | undefined {
  const refused = probes.filter(({ failure }) => failure && SLOT_FAILURES.includes(failure))
  const [first, last] = [refused[0], refused.at(-1)]
  if (!first || !last || ticks.length === 0) return undefined
  const at = (t: number) => Math.min(ticks.length - 1, Math.max(0, Math.floor((t - from) / tickMs)))
  return [at(first.t), at(last.t)]
}
