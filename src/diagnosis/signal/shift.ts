// Finds an incident in the counters: a stretch in which many signals differ at once, and in which clients are worse off.
import { rankScores, type Segment, strongestSegment } from '../../load/index.ts'
import type { Evidence } from '../../model/index.ts'
import { type Changes, changesOf } from './change.ts'
import { type Quantity, type Table, tabulate } from './table.ts'
import { most, viewOf } from './view.ts'

/** A stretch that chance would bring about more often than this is none. */
const BY_CHANCE = 0.03
/** An incident begins or ends at one stroke. What swells and ebbs is the day. */
const AT_ONE_STROKE = 0.45
/** Stretches that hurt nobody, a warm-up or a quiet spell, are set aside; after this many there is no incident. */
const MOST_SET_ASIDE = 3
/** Degree of harm from which a stretch is an incident; that it differs at all is proved by then. */
const HARMFUL = 0.25

export interface Shift {
  /** Indices of ticks, half open. */
  from: number
  to: number
}

export function findShift(evidence: Evidence): Shift | undefined {
  const table = tabulate(evidence)
  let kept = Array.from({ length: table.length }, (_, at) => at)
  for (let round = 0; round < MOST_SET_ASIDE; round++) {
    const segment = strongestSegment(scoresOf(table, kept), BY_CHANCE)
    if (!segment || segment.p > BY_CHANCE) return undefined
    const shift = segment.sharpness < AT_ONE_STROKE ? undefined : harmfulSide(table, kept, segment)
    if (shift) return shift
    kept = kept.filter((_, i) => i < segment.from || i >= segment.to)
  }
  return undefined
}

/** Stocks drift with no fault: how full something is says what was, not what is. */
const STOCKS: readonly Quantity[] = [
  ...(['memory_free_bytes', 'swap_used_bytes', 'storage_free_bytes', 'buffer_size_bytes'] as const),
  ...(['buffer_dirty_pages', 'buffer_free_pages', 'buffer_hit_ratio', 'max_connections'] as const),
  ...(['usable_slots', 'cpu_credit_balance', 'ebs_io_balance_pct', 'ebs_byte_balance_pct'] as const),
  ...(['burst_balance_pct', 'aas_exact', 'calls'] as const),
]

/** What clients feel says more about where an incident begins and ends than what goes on inside. */
const FELT: readonly Quantity[] = [
  ...(['aas', 'calls', 'latency_ms', 'connections', 'connections_active', 'lock_waiters'] as const),
  ...(['connections_failed_per_s', 'lock_wait_ms_per_s'] as const),
]
const FELT_WEIGHT = 2

function scoresOf({ columns }: Table, kept: number[]): Float64Array[] {
  const scores: Float64Array[] = []
  for (const [quantity, column] of columns) {
    if (STOCKS.includes(quantity)) continue
    const score = rankScores(kept.map(at => column[at]!))
    if (score) scores.push(...new Array<Float64Array>(FELT.includes(quantity) ? FELT_WEIGHT : 1).fill(score))
  }
  return scores
}

/**
 * The stretch itself, if clients are worse off in it. One that touches an end is one side of a single shift: the worse side of it is
 * the incident.
 */
function harmfulSide(table: Table, kept: number[], { from, to }: Segment): Shift | undefined {
  const last = kept.length
  const sides: Segment['from'][][] = [[from, to]]
  if (from === 0 && to < last) sides.push([to, last])
  if (to === last && from > 0) sides.push([0, from])
  const harms = sides.map(([a, b]) => ({
    a: a!,
    b: b!,
    harm: harmOf(changesOf(table, sidesOf(table, kept, a!, b!))),
  }))
  const worst = harms.reduce((most, side) => (side.harm > most.harm ? side : most))
  return worst.harm < HARMFUL ? undefined : { from: kept[worst.a]!, to: kept[worst.b - 1]! + 1 }
}

function sidesOf({ length }: Table, kept: number[], from: number, to: number): (boolean | undefined)[] {
  const sides = new Array<boolean | undefined>(length).fill(undefined)
  kept.forEach((at, i) => {
    sides[at] = i >= from && i < to
  })
  return sides
}

/** How much worse off clients are: calls fall or take longer, sessions pile up, connections fail. */
export function harmOf(changes: Changes): number {
  const x = viewOf(changes)
  return most(x.slower, x.addedMany, x.rises('lock_waiters', 1.5), x.rises('connections_failed_per_s')) ?? 0
}
