// The work that statements ask of the server, counted where it is done: rows and pages. Waiting is no work.
import { mean } from '../load/index.ts'
import type { Signal, Tick } from '../model/index.ts'
import type { Case } from './case.ts'

/** From this factor on a call does more than it did; up to the lower one it does what it did. */
export const DEARER = 2
export const SAME = 1.5

const ROWS_READ: readonly Signal[] = ['rows_read_scan_per_s', 'rows_read_index_per_s']
const WORK: readonly (readonly Signal[])[] = [ROWS_READ, ['buffer_reads_per_s'], ['rows_changed_per_s']]
/** A level below this share of the larger one is as good as zero. */
const FLOOR = 0.05

/** The largest growth among rows read, pages read and rows changed, a second; undefined where none of them is counted. */
export function workGrowth(c: Case): number | undefined {
  const ratios = WORK.flatMap(signals => ratioOf(c, signals) ?? [])
  return ratios.length > 0 ? Math.max(...ratios) : undefined
}

export const rowsReadGrowth = (c: Case): number => growth(c, ROWS_READ)

/** During ÷ before, both lifted by a floor; undefined where it was not counted on both sides, or nothing is done. */
export function ratioOf(c: Case, signals: readonly Signal[]): number | undefined {
  const [before, during] = [levelOf(c.before, signals), levelOf(c.during, signals)]
  if (before === undefined || during === undefined) return undefined
  const floor = FLOOR * Math.max(before, during)
  return floor > 0 ? (during + floor) / (before + floor) : undefined
}

/** Share of the reads that miss the buffer pool during the incident; undefined where it is not counted. */
export function missShare(c: Case): number | undefined {
  const [misses, reads] = [
    levelOf(c.during, ['buffer_misses_per_s']),
    levelOf(c.during, ['buffer_reads_per_s']),
  ]
  return misses === undefined || !reads ? undefined : misses / reads
}

/** Misses for each read, during ÷ before. */
export function missGrowth(c: Case): number | undefined {
  const [misses, reads] = [ratioOf(c, ['buffer_misses_per_s']), ratioOf(c, ['buffer_reads_per_s'])]
  return misses === undefined || reads === undefined ? undefined : misses / reads
}

/** What was added a second; 0 where it was not counted. */
export const growth = (c: Case, signals: readonly Signal[]): number =>
  (levelOf(c.during, signals) ?? 0) - (levelOf(c.before, signals) ?? 0)

function levelOf(ticks: readonly Tick[], signals: readonly Signal[]): number | undefined {
  const values = ticks.flatMap(tick => {
    const known = signals.flatMap(signal => tick.signals[signal] ?? [])
    return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) : []
  })
  return values.length > 0 ? mean(values) : undefined
}
