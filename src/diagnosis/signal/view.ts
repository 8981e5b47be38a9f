// The questions a mechanism asks of the changes. Every answer is a degree of 0 to 1, or undefined: not measured.
import { ramp } from '../weigh.ts'
import type { Change, Changes } from './change.ts'
import type { Gained } from './gained.ts'
import type { Quantity } from './table.ts'

export type Degree = number | undefined

export interface View {
  /** Whether it rose, fully so from `by` times what it was. */
  rises(quantity: Quantity, by?: number): Degree
  /** Whether it fell, fully so from a `by`th of what it was. */
  falls(quantity: Quantity, by?: number): Degree
  /** Whether it rose in proportion to another quantity, which may have fallen. */
  risesPer(quantity: Quantity, per: Quantity, by?: number): Degree
  /** Whether it stands about where it stood, or above. Undefined where there was nothing of it. */
  holds(quantity: Quantity): Degree
  /** Sessions at work that there are more of than before. */
  added: number | undefined
  /** Whether those can be noticed, and whether they are many; who waits for the trouble is among them. */
  addedSome: Degree
  addedMany: Degree
  /** Whether many clients are new, rather than the one or two of a dump, a load or somebody's statement. */
  newcomers: Degree
  /** Calls fell or take longer. */
  slower: Degree
  /** How full the CPU of the host is; one that is not full starves nobody. */
  cpuFull: Degree
  /** The statement that took the additional load, where that is told without sessions. */
  gained: Gained | undefined
  before(quantity: Quantity): number | undefined
  during(quantity: Quantity): number | undefined
}

/** Shares of tick pairs that have to be the right way round: from nothing said to fully believed. */
const UNSURE = 0.35
const SURE = 0.75
/** Sessions that one job adds, and what is noticed, or many, in proportion to those there are. */
const ONE_JOB = 2
const NOTICED = 0.08
const MANY = 0.2

/** `sureness`: how well the ticks are told apart by a proportion, −1 to 1. */
export function viewOf(
  changes: Changes,
  sureness: (quantity: Quantity, per: Quantity) => number,
  gained?: Gained,
): View {
  const of = (quantity: Quantity) => changes.get(quantity)
  const rises: View['rises'] = (quantity, by = 2) => moved(of(quantity), by, 1)
  const falls: View['falls'] = (quantity, by = 2) => moved(of(quantity), by, -1)
  const ratioOf = (quantity: Quantity, per: Quantity) =>
    ratio(of(quantity), of(per), () => sureness(quantity, per))
  const load = of('aas') ?? of('connections_active')
  const added = load && load.during - load.before
  return {
    rises,
    falls,
    risesPer: (quantity, per, by = 2) => moved(ratioOf(quantity, per), by, 1),
    holds: quantity => {
      const change = of(quantity)
      return change && change.before > 0 ? ramp(change.log, Math.log(0.4), Math.log(0.8)) : undefined
    },
    added,
    addedSome: load && more(load, NOTICED),
    addedMany: load && more(load, MANY),
    newcomers: newcomers(changes),
    slower: slower(changes, ratioOf),
    cpuFull: cpuFull(of('cpu_pct')),
    gained,
    before: quantity => of(quantity)?.before,
    during: quantity => of(quantity)?.during,
  }
}

function moved(change: Change | undefined, by: number, direction: 1 | -1): Degree {
  if (!change) return undefined
  const [log, sure] = [direction * change.log, direction * change.sure]
  return ramp(log, Math.log(by) / 3, Math.log(by)) * ramp(sure, UNSURE, SURE)
}

const cpuFull = (cpu: Change | undefined): Degree => cpu && ramp(cpu.during, 60, 90)

/** One quantity in proportion to another; as sure as the one that moved the right way, or as their proportion. */
function ratio(
  change: Change | undefined,
  base: Change | undefined,
  together: () => number,
): Change | undefined {
  if (!change || !base) return undefined
  const apart = Math.max(change.log > 0 ? change.sure : 0, base.log < 0 ? -base.sure : 0)
  return { ...change, log: change.log - base.log, sure: Math.max(apart, together() || 0) }
}

/**
 * A call takes longer. Where nobody measured how long, Little's law tells: sessions at work ÷ calls a second. Fewer calls alone may be
 * fewer clients; they count only where neither is known.
 */
function slower(
  changes: Changes,
  ratioOf: (quantity: Quantity, per: Quantity) => Change | undefined,
): Degree {
  const load = changes.has('aas') ? 'aas' : 'connections_active'
  const longer = most(moved(changes.get('latency_ms'), SLOWER, 1), moved(ratioOf(load, 'calls'), SLOWER, 1))
  return longer ?? moved(changes.get('calls'), SLOWER, -1)
}

/** From this factor on a call is fully believed to take longer. */
const SLOWER = 1.35

/** Where connections are not counted, sessions that come while no less gets done: others are there because each takes longer. */
function newcomers(changes: Changes): Degree {
  const connections = changes.get('connections')
  if (connections) return more(connections, NOTICED)
  const load = changes.get('aas') ?? changes.get('connections_active')
  return both(load && more(load, NOTICED), not(moved(changes.get('calls'), 1.25, -1)))
}

const more = ({ before, during, sure }: Change, share: number): number =>
  ramp(during - before, ONE_JOB, ONE_JOB + Math.max(2, share * before)) * ramp(sure, UNSURE, SURE)

/** Below the first share of misses among the reads the buffer pool is large enough, whatever it was before. */
const FEW_MISSES = 0.005
const MANY_MISSES = 0.03

/** More of the reads miss the buffer pool than before, and so many that it matters. */
export function missesMore(x: View): Degree {
  const [misses, reads] = [x.during('buffer_misses_per_s'), x.during('buffer_reads_per_s')]
  if (misses === undefined || !reads) return undefined
  return both(
    x.risesPer('buffer_misses_per_s', 'buffer_reads_per_s', 3),
    ramp(misses / reads, FEW_MISSES, MANY_MISSES),
  )
}

/** The largest of the degrees that are known. */
export function most(...degrees: Degree[]): Degree {
  const known = degrees.filter(degree => degree !== undefined)
  return known.length > 0 ? Math.max(...known) : undefined
}

/** How far all of them hold; undefined unless all are known, or one that is known does not hold. */
export const both = (...degrees: Degree[]): Degree =>
  degrees.includes(0) ? 0 : degrees.includes(undefined) ? undefined : least(...degrees)

/** The smallest of the degrees that are known. */
export function least(...degrees: Degree[]): Degree {
  const known = degrees.filter(degree => degree !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}

export const scaled = (degree: Degree, by: number): Degree => degree && degree * by

export const not = (degree: Degree): Degree => (degree === undefined ? undefined : 1 - degree)
