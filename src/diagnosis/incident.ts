// Finds the incident: from the first tick of lasting trouble, whatever kind of trouble it is.
import { type Evidence, type Incident, SLOT_FAILURES } from '../model/index.ts'
import { findShift } from './signal/shift.ts'
import { type Trouble, troubles } from './trouble.ts'

/** Trouble shorter than this many ticks is a blip. */
export const LASTING_TICKS = 3
/** Gaps and single good ticks that do not end an incident. */
const BRIDGED_TICKS = 2

/** The latest incident, or the marked window; `onset` is `from` until a finding knows better. */
export function findIncident(evidence: Evidence): Incident | undefined {
  const { ticks, tickMs, to, window } = evidence
  if (window) return { ...window, onset: window.from, ongoing: window.to >= to }
  const run = runOfTrouble(evidence)
  if (!run) return undefined
  const [first, last] = run
  const from = ticks[first]!.t
  const ongoing = ticks.length - 1 - last <= BRIDGED_TICKS
  return { from, to: ongoing ? to : ticks[last]!.t + tickMs, onset: from, ongoing }
}

/**
 * Sessions show trouble for what it is, tick by tick. Where there are none, or their signs are silent, the counters are searched for
 * a stretch that differs: a high level alone is nothing, it may be the system's normal state.
 */
function runOfTrouble(evidence: Evidence): [number, number] | undefined {
  const signs = troubles(evidence)
  const sampled = evidence.ticks.some(tick => tick.sessions)
  const counts = (found: Trouble[]) => found.some(sign => sampled || !FROM_LEVELS.includes(sign))
  const shift = () => {
    const found = findShift(evidence)
    return found && ([found.from, found.to - 1] as [number, number])
  }
  const run = () => lastingRun(signs.map(counts)) ?? refusals(evidence)
  return sampled ? (run() ?? shift()) : (shift() ?? run())
}

/** Signs that come from the level of a counter where no sessions were sampled. */
const FROM_LEVELS: readonly Trouble[] = ['load', 'blocked']

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
