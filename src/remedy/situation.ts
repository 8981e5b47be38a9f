// What a remedy is weighed against: the incident as it stands now, and the time before it.
import {
  activeSessions,
  blocking,
  growthPerSecond,
  load,
  mean,
  type Point,
  poolKey,
  slotsByPool,
  timeToExhaustion,
} from '../load/index.ts'
import {
  type Cause,
  type Diagnosis,
  type Evidence,
  type Finding,
  type Market,
  slotsUsed,
  type Tick,
  usableSlots,
} from '../model/index.ts'

/** The state of now is the mean of this many samples; in peace of that many. */
const NOW_TICKS = 3
const PEACE_TICKS = 60

/** Everything but the finding, which some remedies do not need. */
export interface Scene {
  evidence: Evidence
  diagnosis: Diagnosis
  before: Tick[]
  now: Tick[]
  aas: number
  slots: number
  usable: number | undefined
  /** Slots taken a second while the level rose; undefined when it did not rise in the evidence. */
  growthPerS: number | undefined
  /** Slots that go on being taken a second: by the trend of late; at the ceiling, where nobody sees it, as it rose. */
  takenPerS: number
  /** What there is to buy; absent where the database is not on RDS or its region is not known. */
  market: Market | undefined
}

export interface Situation extends Scene {
  finding: Finding
}

export function scene(evidence: Evidence, diagnosis: Diagnosis, market?: Market): Scene {
  const { incident } = diagnosis
  const measured = evidence.ticks.filter(
    tick => activeSessions(tick) !== undefined || slotsUsed(tick) !== undefined,
  )
  const before = measured.filter(tick => incident && tick.t < Math.min(incident.from, incident.onset))
  const now = measured
    .filter(tick => !incident || tick.t < incident.to)
    .slice(incident ? -NOW_TICKS : -PEACE_TICKS)
  const usable = evidence.limits && usableSlots(evidence.limits)
  const growthPerS = usable === undefined ? undefined : growth(measured, before, usable)
  return {
    evidence,
    diagnosis,
    before,
    now,
    aas: load(now).aas,
    slots: meanOf(now, tick => slotsUsed(tick) ?? 0),
    usable,
    growthPerS,
    takenPerS:
      // A role at its own limit takes no more of the server's.
      incident?.ongoing && usable !== undefined && diagnosis.findings[0]?.cause !== 'role-limit'
        ? taken(measured, usable, growthPerS ?? 0)
        : 0,
    market,
  }
}

export const situation = (
  evidence: Evidence,
  diagnosis: Diagnosis,
  finding: Finding,
  market?: Market,
): Situation => ({ ...scene(evidence, diagnosis, market), finding })

function taken(measured: Tick[], usable: number, growthPerS: number): number {
  const level = levelOf(measured)
  const left = timeToExhaustion(level, usable)
  if (left === undefined || left === 'never') return 0
  return left.p50 > 0 ? (usable - level.at(-1)!.y) / left.p50 : growthPerS
}

/** Of the incident, with the last level before it; of everything where the incident began with all slots taken. */
function growth(sampled: Tick[], before: Tick[], usable: number): number | undefined {
  const level = levelOf(sampled)
  const start = (before.at(-1)?.t ?? 0) / 1000
  return (
    growthPerSecond(
      level.filter(({ x }) => x >= start),
      usable,
    ) ?? growthPerSecond(level, usable)
  )
}

const levelOf = (ticks: Tick[]): Point[] =>
  ticks.flatMap(tick => {
    const y = slotsUsed(tick)
    return y === undefined ? [] : [{ x: tick.t / 1000, y }]
  })

export const meanOf = (ticks: readonly Tick[], of: (tick: Tick) => number): number => mean(ticks.map(of)) || 0

/**
 * Slots that come free when the given sessions end their work: each pool keeps what it had before the incident and lets the rest go.
 * Without a time before, nobody knows what the pools keep: only `certain` slots are promised.
 */
export function slotsGivenBack(s: Scene, waiting: ReadonlySet<string>, certain: number): number {
  if (s.before.length === 0) return certain
  const usual = slotsByPool(s.before)
  const last = s.now.at(-1)
  const waits = new Map<string, number>()
  for (const session of last?.sessions ?? []) {
    if (waiting.has(session.id)) waits.set(poolKey(session), (waits.get(poolKey(session)) ?? 0) + 1)
  }
  const freed = [...slotsByPool(last ? [last] : [])].map(([pool, slots]) =>
    Math.min(waits.get(pool) ?? 0, Math.max(0, slots - (usual.get(pool) ?? 0))),
  )
  return certain + freed.reduce((sum, n) => sum + n, 0)
}

/** Causes that take slot after slot, whoever else is freed. */
const TAKING: readonly Cause[] = [
  'connection-leak',
  'pools-oversubscribed',
  'connection-storm',
  'query-regression',
  'load-surge',
]

/** Whether slots go on being taken by another cause when this one is gone. */
export const othersTake = ({ diagnosis, finding }: Situation): boolean =>
  diagnosis.findings.some(other => other !== finding && TAKING.includes(other.cause))

/** Slots that pools hold beyond what each had in peace; none where no peace was seen. */
export function beyondPeace({ before, now }: Scene): number {
  const last = now.at(-1)
  if (before.length === 0 || !last) return 0
  const usual = slotsByPool(before)
  return [...slotsByPool([last])].reduce(
    (sum, [pool, slots]) => sum + Math.max(0, slots - (usual.get(pool) ?? 0)),
    0,
  )
}

/** Sessions that wait for one, directly or through others: in the last sample, and on average now. */
export function waitingBehind({ now }: Scene, id: string): { last: Set<string>; mean: number } {
  const sets = now.map(tick => behindIn(tick, id))
  return { last: sets.at(-1) ?? new Set(), mean: mean(sets.map(({ size }) => size)) || 0 }
}

/** Sessions of one tick that wait for one, directly or through others. */
export const behindIn = (tick: Tick, id: string): Set<string> => behindAll(tick, [id])

/** Likewise for any of these. */
export function behindAll(tick: Tick, ids: readonly string[]): Set<string> {
  const waitersOf = new Map<string, string[]>()
  for (const [waiter, { parent }] of blocking(tick).placeOf) {
    const others = waitersOf.get(parent)
    if (others) others.push(waiter)
    else waitersOf.set(parent, [waiter])
  }
  // A set takes in what is added while it is walked, and nothing twice: circles end.
  const found = new Set(ids)
  for (const at of found) for (const waiter of waitersOf.get(at) ?? []) found.add(waiter)
  for (const id of ids) found.delete(id)
  return found
}
