// The health gate: whether what was done helped as promised, or at least harmed nothing; measured, never assumed.
import { activeSessions, mean } from '../load/index.ts'
import { type Effect, type Evidence, slotsUsed, type Tick, usableSlots } from '../model/index.ts'
import { judgeRecovery, type Recovery } from '../remedy/index.ts'

export interface Verdict {
  /** Undecided while there is too little to tell. */
  verdict: 'good' | 'bad' | 'undecided'
  because: string
  comparison: Recovery['comparison']
}

/** Ticks that make a judgement. */
const ENOUGH = 5
/** Ticks before that it is compared with: of an incident, and not of the peace before it. */
const BEFORE = 10
/** More load than this many times the load before is harm, if it is also this much more. */
const MORE_TIMES = 1.5
const MORE_AAS = 2

/** A promise is kept or not. Without one nothing may be worse than in the ticks before. Pure. */
export function judge(
  promised: Effect | undefined,
  evidence: Evidence,
  startedAt: number,
  actedAt: number,
  isLast: boolean,
): Verdict {
  const harm = harmOf(evidence, startedAt, actedAt)
  if (promised) {
    const { recoveredAt, comparison } = judgeRecovery(promised, evidence, startedAt, actedAt)
    if (recoveredAt !== undefined)
      return { verdict: 'good', because: 'load, slots and connection attempts are well', comparison }
    const because = harm ?? 'the promised relief has not come'
    return { verdict: isLast ? 'bad' : 'undecided', because, comparison }
  }
  if (harm !== undefined) return { verdict: isLast ? 'bad' : 'undecided', because: harm, comparison: [] }
  const enough = after(evidence, actedAt).length >= ENOUGH
  const because = enough ? 'nothing is worse than before' : 'there are too few samples since'
  return { verdict: enough && isLast ? 'good' : isLast ? 'bad' : 'undecided', because, comparison: [] }
}

/** What is worse in the last ticks than in those before; undefined when nothing is. */
function harmOf(evidence: Evidence, startedAt: number, actedAt: number): string | undefined {
  const before = evidence.ticks.filter(tick => tick.sessions && tick.t < startedAt).slice(-BEFORE)
  const last = after(evidence, actedAt).slice(-ENOUGH)
  const from = last[0]?.t
  if (from === undefined) return undefined
  const failed = failedShare(evidence, from, Number.POSITIVE_INFINITY)
  if (failed > failedShare(evidence, before[0]?.t ?? Number.NEGATIVE_INFINITY, startedAt))
    return `${Math.round(failed * 100)} % of the connection attempts fail`
  const [was, is] = [aasOf(before), aasOf(last)]
  if (is > was * MORE_TIMES && is > was + MORE_AAS)
    return `AAS rose from ${was.toFixed(1)} to ${is.toFixed(1)}`
  const usable = evidence.limits && usableSlots(evidence.limits)
  const isFull = (tick: Tick) => usable !== undefined && (slotsUsed(tick) ?? 0) >= usable
  if (last.every(isFull) && !before.slice(-ENOUGH).every(isFull)) return 'all slots are taken now'
  return undefined
}

const after = ({ ticks }: Evidence, actedAt: number): Tick[] =>
  ticks.filter(tick => tick.sessions && tick.t >= actedAt)

const aasOf = (ticks: Tick[]): number => mean(ticks.map(tick => activeSessions(tick) ?? 0)) || 0

function failedShare({ probes }: Evidence, from: number, to: number): number {
  const tried = probes.filter(({ t }) => t >= from && t < to)
  return tried.length === 0 ? 0 : tried.filter(({ ok }) => !ok).length / tried.length
}
