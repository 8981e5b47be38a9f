// Idle sessions by application: how many, how old, and whether they come and go or only come.
import { median, type Point, poolKey, slopes } from '../load/index.ts'
import type { Tick } from '../model/index.ts'
import type { Case } from './case.ts'

export interface IdleTrend {
  user: string
  application: string
  /** Idle sessions at the end, and the mean before the incident. */
  count: number
  before: number
  /** Sessions that became idle and stayed so, a second, over the incident; 0 when it stands. */
  perSecond: number
  /** Longest time one of them has done nothing, milliseconds. */
  oldestMs: number
  /** Share of them used only once, right after they were opened, 0 to 1; undefined where it is not known. */
  unused: number | undefined
}

/** Idle sessions of one tick by user and application; counted once a tick. */
export function idleCounts(tick: Tick): Map<string, number> {
  const known = COUNTS.get(tick)
  if (known) return known
  const counts = new Map<string, number>()
  for (const group of tick.idle ?? []) {
    const key = poolKey(group)
    counts.set(key, (counts.get(key) ?? 0) + group.count)
  }
  COUNTS.set(tick, counts)
  return counts
}

const COUNTS = new WeakMap<Tick, Map<string, number>>()

/** The trend of each application's idle sessions, most sessions first. */
export function idleTrends(c: Case): IdleTrend[] {
  const last = c.during.findLast(tick => tick.idle)
  const keys = new Set((last?.idle ?? []).map(poolKey))
  return [...keys].map(key => trendOf(c, key, last!)).sort((a, b) => b.count - a.count)
}

function trendOf(c: Case, key: string, last: Tick): IdleTrend {
  const count = (tick: Tick) => idleCounts(tick).get(key) ?? 0
  const now = (last.idle ?? []).filter(group => poolKey(group) === key)
  const { user = '?', application = '' } = now[0] ?? {}
  // The level stops rising once the slots are gone; growth is judged up to its peak.
  const series: Point[] = [...c.before, ...c.during]
    .filter(tick => tick.idle)
    .map(tick => ({ x: tick.t / 1000, y: count(tick) }))
  const highest = series.reduce((most, { y }) => Math.max(most, y), 0)
  const peak = series.findIndex(point => point.y >= highest)
  const known = now.every(group => group.unusedCount !== undefined)
  const unused = now.reduce((sum, group) => sum + (group.unusedCount ?? 0), 0)
  return {
    user,
    application,
    count: count(last),
    before: median(c.before.map(count)) || 0,
    perSecond: Math.max(0, median(slopes(series.slice(0, peak + 1))) || 0),
    oldestMs: Math.max(0, ...now.map(group => group.oldestStateAgeMs)),
    unused: known && now.length > 0 ? unused / Math.max(1, count(last)) : undefined,
  }
}
