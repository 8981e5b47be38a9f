// Finds an incident in the counters: a stretch in which many signals differ at once, and in which clients are worse off.
import { rankScores, type Segment, strongestSegment } from '../../load/index.ts'
import type { Evidence, Interval } from '../../model/index.ts'
import { changesOf, type Sides, surenessOf } from './change.ts'
import { type Quantity, type Table, tabulate } from './table.ts'
import { both, most, type View, viewOf } from './view.ts'
import { nobodyMore, unless } from './waiting.ts'

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
  /** How much worse off clients are in it, 0 to 1. */
  harm: number
  /** For each tick whether it is in the shift, is what to compare with, or (undefined) was set aside. */
  sides: Sides
}

export function findShift(evidence: Evidence): Shift | undefined {
  const table = tabulate(evidence)
  const harm = evidence.ticks.some(tick => tick.sessions) ? harmBeside : harmOf
  const whole = searched(table, ticksFrom(0, table.length), harm)
  if (whole || table.length < 2 * PART) return whole
  // What the day brings hides what an hour does: look at the hours one by one, the latest first.
  for (let to = table.length; to >= PART; to -= PART / 2) {
    const shift = searched(table, ticksFrom(to - PART, to), harm)
    if (shift && harm(besideAll(table, shift)) >= HARMFUL) return shift
  }
  return undefined
}

/** Ticks of a part of long evidence. */
const PART = 240

const ticksFrom = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, at) => from + at)

/** Against all other ticks, whatever they were: trouble is trouble by day and by night. */
const besideAll = (table: Table, { from, to }: Shift): View =>
  compare(
    table,
    ticksFrom(0, table.length).map(at => at >= from && at < to),
  )

function searched(table: Table, ticks: number[], harm: (x: View) => number): Shift | undefined {
  let kept = ticks
  for (let round = 0; round < MOST_SET_ASIDE; round++) {
    const segment = strongestSegment(scoresOf(table, kept), BY_CHANCE)
    if (!segment || segment.p > BY_CHANCE) return undefined
    const shift = segment.sharpness < AT_ONE_STROKE ? undefined : worseSide(table, kept, segment, harm)
    if (shift && shift.harm >= HARMFUL) return shift
    kept = kept.filter((_, i) => i < segment.from || i >= segment.to)
  }
  return undefined
}

/** Ticks too few to be what is usual. */
const A_FEW = 3

/** How much worse off clients are within an interval than outside of it, 0 to 1. */
export function harmWithin(evidence: Evidence, { from, to }: Interval): number {
  const inside = evidence.ticks.map(({ t }) => t >= from && t < to)
  return harmOf(compare(tabulate(evidence), inside))
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
 * The stretch itself. Where no more than a few ticks are left between it and an end it is one side of a single shift: then whichever side is worse for clients, and the
 * later one where they are alike, for what was there first is what is usual.
 */
function worseSide(table: Table, kept: number[], { from, to }: Segment, harmIn: (x: View) => number): Shift {
  const last = kept.length
  const other = [
    ...(from < A_FEW && last - to >= A_FEW ? [[to, last] as const] : []),
    ...(last - to < A_FEW && from >= A_FEW ? [[0, from] as const] : []),
  ]
  const sides = [[from, to] as const, ...other].map(([a, b]) => {
    const flags = sidesOf(table, kept, a, b)
    return {
      from: kept[a]!,
      to: kept[b - 1]! + 1,
      harm: harmIn(compare(table, flags)),
      sides: flags,
    }
  })
  return sides.sort((a, b) => b.harm - a.harm || b.from - a.from)[0]!
}

const compare = (table: Table, sides: Sides): View =>
  viewOf(changesOf(table, sides), surenessOf(table, sides))

function sidesOf({ length }: Table, kept: number[], from: number, to: number): Sides {
  const sides = new Array<boolean | undefined>(length).fill(undefined)
  kept.forEach((at, i) => {
    sides[at] = i >= from && i < to
  })
  return sides
}

/** How much worse off clients are: calls fall or take longer, sessions pile up, connections fail. */
function harmOf(x: View): number {
  // Where load is told by what it waits for, a batch that takes long by itself makes nobody wait, and takes nothing from anybody.
  const slower = unless(x.slower, nobodyMore(x))
  return most(slower, x.addedSome, x.rises('lock_waiters', 1.5), x.rises('connections_failed_per_s')) ?? 0
}

/**
 * The same beside sampled sessions. How many are at work, and on what they wait, has signs of its own there; what is left to the
 * counters is that calls take several times as long, and more than the one session of a slow report is at it.
 */
function harmBeside(x: View): number {
  return most(x.rises('latency_ms', 4), both(x.risesPer('aas', 'calls', 4), x.addedSome)) ?? 0
}
