// The health gate: whether load, slots and connection attempts are well again, measured as the trouble was measured.
import { activeSessions, load, mean } from '../load/index.ts'
import {
  type Comparison,
  type Effect,
  type Evidence,
  slotsUsed,
  type Tick,
  usableSlots,
} from '../model/index.ts'

/** Good ticks in a row that make a recovery. */
const SETTLED_TICKS = 3

export interface Recovery {
  /** When the first of the good ticks in a row was last sampled, epoch milliseconds. */
  recoveredAt?: number
  comparison: Comparison[]
}

/**
 * A tick is good when at least half of the promised drop in load has come, hardly anybody waits for a lock, a slot is free, and no
 * attempt that began after the action and before the tick's end failed. `startedAt` and `actedAt` bound the action.
 */
export function judgeRecovery(
  promised: Effect,
  evidence: Evidence,
  startedAt: number,
  actedAt: number,
): Recovery {
  const { ticks, probes, tickMs, limits } = evidence
  const sampled = ticks.filter(tick => tick.sessions)
  const before = sampled.filter(tick => tick.t < startedAt).slice(-SETTLED_TICKS)
  const after = sampled.filter(tick => tick.t >= actedAt)
  const enoughAas = (promised.aas.before + promised.aas.after) / 2
  const waitersBefore = mean(before.map(waiters)) || 0
  const usable = limits ? usableSlots(limits) : Number.POSITIVE_INFINITY
  const isGood = (tick: Tick) =>
    (activeSessions(tick) ?? 0) <= Math.max(enoughAas, promised.aas.after + 1) &&
    waiters(tick) <= Math.max(1, waitersBefore / 10) &&
    (slotsUsed(tick) ?? 0) < usable &&
    attempts(tick).every(probe => probe.ok)
  const attempts = (tick: Tick) => probes.filter(probe => probe.t >= tick.t && probe.t < tick.t + tickMs)
  // Where nothing could be sampled, an attempt that failed still tells.
  const lastDark = ticks.findLast(tick => !tick.sessions && attempts(tick).some(probe => !probe.ok))?.t
  const first = firstRun(after.map(tick => tick.t > (lastDark ?? 0) && isGood(tick)))
  const settled = first === undefined ? [] : after.slice(first)
  const tried = settled.some(tick => attempts(tick).length > 0)
  const recoveredAt = tried && settled[0] ? lastSampleAt(settled[0], tickMs) : undefined
  return {
    ...(recoveredAt === undefined ? {} : { recoveredAt }),
    comparison: compare(promised, before, settled.length > 0 ? settled : after, evidence, startedAt),
  }
}

/** A tick of a burst is judged by its last sample, too. */
const lastSampleAt = ({ t, samples = 1 }: Tick, tickMs: number): number =>
  t + (tickMs * (samples - 1)) / samples

const waiters = (tick: Tick): number =>
  tick.sessions?.filter(({ waitClass }) => waitClass === 'Lock').length ?? 0

/** Index of the run of good ticks that lasts to the end and is long enough. */
function firstRun(good: boolean[]): number | undefined {
  const first = good.lastIndexOf(false) + 1
  return good.length - first >= SETTLED_TICKS ? first : undefined
}

/** Load and waiters over the settled ticks; slots at their end, since pools give them back one by one. */
function compare(
  promised: Effect,
  before: Tick[],
  after: Tick[],
  evidence: Evidence,
  startedAt: number,
): Comparison[] {
  if (after.length === 0) return []
  const last = after.slice(-SETTLED_TICKS)
  const failedIn = (from: number, to: number) =>
    evidence.probes.filter(probe => probe.t >= from && probe.t < to && !probe.ok).length
  const settledFrom = after[0]!.t
  const span = SETTLED_TICKS * evidence.tickMs
  return [
    { measure: 'aas', before: promised.aas.before, predicted: promised.aas.after, measured: load(after).aas },
    {
      measure: 'lock waiters',
      before: mean(before.map(waiters)) || 0,
      predicted: 0,
      measured: mean(after.map(waiters)),
    },
    {
      measure: 'slots',
      before: promised.slots.before,
      predicted: promised.slots.after,
      measured: mean(last.map(tick => slotsUsed(tick) ?? 0)),
    },
    {
      measure: 'failed connects',
      before: failedIn(startedAt - span, startedAt),
      predicted: promised.connectsRecover ? 0 : failedIn(startedAt - span, startedAt),
      measured: failedIn(settledFrom, evidence.to),
    },
  ]
}
