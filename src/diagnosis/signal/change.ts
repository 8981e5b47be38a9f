// What changed from the ticks outside of an incident to those in it: sizes without a unit, and how sure they are.
import { sortedWhere, superiority } from '../../load/index.ts'
import type { Quantity, Table } from './table.ts'

export interface Change {
  /** Trimmed means. */
  before: number
  during: number
  /** Natural logarithm of during ÷ before, both lifted by a floor: 0 stands for no change, at most ±3. */
  log: number
  /** How well the ticks of both are told apart by it, −1 to 1; ±1: not one of them overlaps. */
  sure: number
}

/** A level below this share of the larger one is as good as zero: whoever divides by it only measures noise. */
const FLOOR = 0.05
/** Ticks that have to have a value, on either side. */
const FEWEST = 3

export type Changes = ReadonlyMap<Quantity, Change>

/** For each tick whether it is in the incident, outside of it (false), or in neither (undefined). */
export type Sides = readonly (boolean | undefined)[]

export function changesOf({ columns }: Table, during: Sides): Changes {
  const changes = new Map<Quantity, Change>()
  for (const [quantity, column] of columns) {
    const change = changeOf(...split(column, during))
    if (change) changes.set(quantity, change)
  }
  return changes
}

/**
 * How well the ticks are told apart by one quantity in proportion to another, tick by tick: what makes both swing cancels out. NaN where
 * either was not measured.
 */
export function surenessOf({ columns }: Table, during: Sides) {
  return (quantity: Quantity, per: Quantity): number => {
    const [above, below] = [columns.get(quantity), columns.get(per)]
    if (!above || !below) return Number.NaN
    const known = below.filter(value => !Number.isNaN(value))
    const floor = FLOOR * (known.reduce((sum, value) => sum + value, 0) / known.length)
    return (
      2 *
        superiority(
          ...split(
            above.map((value, at) => value / (below[at]! + floor)),
            during,
          ),
        ) -
      1
    )
  }
}

/** The values outside of an incident, and those in it, each sorted. */
function split(column: Float64Array, during: Sides): [Float64Array, Float64Array] {
  const of = (wanted: boolean) =>
    sortedWhere(column, (value, at) => during[at] === wanted && !Number.isNaN(value))
  return [of(false), of(true)]
}

function changeOf(out: Float64Array, inside: Float64Array): Change | undefined {
  if (out.length < FEWEST || inside.length < FEWEST) return undefined
  const [before, during] = [level(out), level(inside)]
  return { before, during, log: logRatio(before, during), sure: 2 * superiority(out, inside) - 1 }
}

/** Mean without the lowest and the highest tenth: a rate that comes in bursts keeps its weight, a wild tick has none. */
function level(sorted: Float64Array): number {
  const cut = Math.ceil((sorted.length - 1) / 10)
  const kept = sorted.subarray(cut, sorted.length - cut)
  return kept.reduce((sum, value) => sum + value, 0) / kept.length
}

function logRatio(before: number, during: number): number {
  const floor = FLOOR * Math.max(Math.abs(before), Math.abs(during))
  if (floor === 0) return 0
  return Math.log((Math.max(0, during) + floor) / (Math.max(0, before) + floor))
}
