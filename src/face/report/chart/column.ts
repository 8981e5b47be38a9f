// Ticks as columns: what was measured, over the time it was measured for. What is not covered is a gap.
import type { Series, Timeline } from '../../../model/index.ts'

/** Wider than any plot in pixels; more columns could not be told apart. */
const COLUMNS_MOST = 1500

export interface Column {
  /** Epoch milliseconds, half open. */
  from: number
  to: number
  /** One for each series, bottom first; null where this one is not known. */
  values: (number | null)[]
  total: number
}

/** One column for each tick in which at least one series was measured. */
export function columns(timeline: Pick<Timeline, 't' | 'tickMs'>, series: Series<string>[]): Column[] {
  const { t, tickMs } = timeline
  return t.flatMap((from, i) => {
    const values = series.map(s => s.values[i] ?? null)
    if (values.every(value => value === null)) return []
    const next = t[i + 1] ?? Number.POSITIVE_INFINITY
    // A tick that came a little early or late still joins its neighbour; a missing one leaves a hole.
    const to = next - from < 1.5 * tickMs ? next : from + tickMs
    return [{ from, to, values, total: values.reduce<number>((sum, value) => sum + (value ?? 0), 0) }]
  })
}

/** Parts of [from, to) that no column covers; slivers below half a tick are jitter, not gaps. */
export function gaps(
  cols: Column[],
  from: number,
  to: number,
  tickMs: number,
): { from: number; to: number }[] {
  const edges = [{ from, to: from }, ...cols, { from: to, to }]
  return edges.slice(1).flatMap((edge, i) => {
    const before = edges[i]!.to
    return edge.from - before >= tickMs / 2 ? [{ from: before, to: edge.from }] : []
  })
}

/**
 * At most `most` columns: of each run of neighbours the one with the highest total stands for all, so that
 * every column drawn was really measured and no peak is lost. Gaps are to be drawn over the result.
 */
export function fold(cols: Column[], most = COLUMNS_MOST): Column[] {
  const size = foldSize(cols.length, most)
  if (size === 1) return cols
  return Array.from({ length: Math.ceil(cols.length / size) }, (_, i) => {
    const run = cols.slice(i * size, (i + 1) * size)
    const worst = run.reduce((a, b) => (b.total > a.total ? b : a))
    return { ...worst, from: run[0]!.from, to: run.at(-1)!.to }
  })
}

/** How many ticks stand behind one column drawn. */
export const foldSize = (length: number, most = COLUMNS_MOST): number => Math.max(1, Math.ceil(length / most))

/** The outline of stepped columns down to `base`, as an SVG path; a new shape begins after every hole. */
export function stepPath(
  cols: Column[],
  level: (column: Column) => number,
  x: (t: number) => number,
  base: number,
): string {
  let path = ''
  let end: number | undefined
  let y: number | undefined
  for (const column of cols) {
    const top = level(column)
    if (column.from !== end) {
      if (end !== undefined) path += `H${x(end)}V${base}Z`
      path += `M${x(column.from)} ${base}V${top}`
    } else if (top !== y) path += `H${x(column.from)}V${top}`
    end = column.to
    y = top
  }
  return end === undefined ? '' : `${path}H${x(end)}V${base}Z`
}
