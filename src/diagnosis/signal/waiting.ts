// What load by wait class tells where no session was sampled: on what those wait who came to be at work.
import type { Signal } from '../../model/index.ts'
import { ramp } from '../weigh.ts'
import { both, type Degree, not, type View } from './view.ts'

type WaitSignal = Extract<Signal, `aas_${string}`>

/** Sessions below which their shares are chance, and the same in proportion to those there were. */
const FEW = 1.5
const A_QUARTER = 0.25
/** Shares of the additional load: a part of it, most of it. */
const A_PART = 0.3
const MOST = 0.6

/** Whether load was told by wait class. */
export const isTold = (x: View): boolean => x.during('aas_cpu') !== undefined

/** Share of the additional sessions at work that wait so, 0 to 1; undefined where too few were added, or nobody tells. */
function gainedIn(x: View, ...classes: WaitSignal[]): number | undefined {
  const chance = Math.max(FEW, A_QUARTER * (x.before('aas') ?? 0))
  if (!isTold(x) || x.added === undefined || x.added < chance) return undefined
  if (classes.some(name => x.during(name) === undefined)) return undefined
  const more = classes.map(name => Math.max(0, x.during(name)! - (x.before(name) ?? 0)))
  return Math.min(1, more.reduce((sum, n) => sum + n, 0) / x.added)
}

/** Whether that is what most of them do. */
export function mostlyIn(x: View, ...classes: WaitSignal[]): Degree {
  const share = gainedIn(x, ...classes)
  return share === undefined ? undefined : ramp(share, A_PART, MOST)
}

/** A part of the additional sessions is at their commit: the locks that others wait for are held by those. */
export function commitsWait(x: View): Degree {
  const share = gainedIn(x, 'aas_commit')
  return share === undefined ? undefined : ramp(share, A_PART / 2, A_PART)
}

/** What speaks against a cause says little where it is seen at work. */
export const unless = (degree: Degree, seen: Degree): Degree =>
  seen === undefined || degree === undefined ? degree : degree * (1 - seen)

/** Whoever is slow is at work meanwhile. Nobody is, so nobody waits for anything; undefined where load is not told. */
export const nobodyMore = (x: View): Degree =>
  isTold(x) && x.during('latency_ms') === undefined
    ? both(not(x.addedSome), not(x.falls('calls', 1.2) ?? 0))
    : undefined

/**
 * Who waits for a lock is at work, and so is who holds it, unless its client left a transaction open: by the server's count of those, or
 * because nobody else is at work. A storm of deadlocks has holders that wait for each other.
 */
export function holderIdles(x: View): Degree {
  const queue = mostlyIn(x, 'aas_lock')
  if (queue === undefined) return undefined
  const [before, during] = [
    x.before('connections_idle_in_transaction'),
    x.during('connections_idle_in_transaction'),
  ]
  if (before !== undefined && during !== undefined) return both(queue, ramp(during - before, 0.3, 0.8))
  const others = x.during('aas')! - x.during('aas_lock')!
  return both(queue, ramp(-others, -0.9, -0.55), not(x.rises('deadlocks_per_s', 3) ?? 0))
}
