// The model: what load, slots and failures would be after a change. Pure; everything in it comes from the evidence.
import { load, mean, withSessions } from '../load/index.ts'
import {
  type ByWaitClass,
  type Effect,
  type SessionSample,
  type Shift,
  SLOT_FAILURES,
  type Tick,
  WAIT_CLASSES,
} from '../model/index.ts'
import type { Change } from './change.ts'
import { behindAll, beyondPeace, type Scene } from './situation.ts'
import { type After, aloneInQueues, loadAfter } from './work.ts'

export interface Prediction extends Effect {
  /** More work than can be done: it queues without end. */
  saturated: boolean
}

/** Relative error of the model besides the noise of the samples. */
const MODEL_ERROR = 0.15
/** The standard normal below which nine of ten outcomes lie. */
const Z = 1.2816
/** A ceiling that growth reaches within this time does not help, seconds. */
export const LASTING_S = 300

export function predict(s: Scene, change: Change, summary = ''): Prediction {
  const left = s.now.map(tick => relieved(tick, change))
  const classes = load(left).byWaitClass
  const known = Object.keys(classes).length > 0
  const unrelieved: ByWaitClass = known ? classes : { Other: load(left).aas }
  const peace = withoutLocks(load(s.before).byWaitClass)
  const startOf = (classes: ByWaitClass) =>
    atLeast(change.restores ? atLeast(classes, peace) : classes, change.floor ?? {})
  // Who stood in the same queue behind what goes, queues no more; at worst they go on as they do.
  const alone = change.restores ? aloneInQueues(s, unrelieved, load(s.now).byWaitClass) : unrelieved
  const [low, middle] = (['low', 'middle'] as const).map(at => loadAfter(s, change, startOf(alone), at))
  const high = loadAfter(s, change, startOf(unrelieved), 'high')
  const aas = spread(s.aas, total(middle!.classes), total(low!.classes), total(high.classes), s.now.length)
  const endsGrowth = change.endsGrowth ?? drains(s, change, middle!)
  const { slots, demand } = slotsAfter(s, { ...change, endsGrowth }, aas, middle!.unserved)
  const usable = change.usable ?? s.usable
  const crowded = usable === undefined || demand <= usable ? 0 : 1 - usable / demand
  const failures = failuresAfter(s, change, slots, usable, {
    ...middle!,
    unserved: Math.max(middle!.unserved, crowded),
  })
  const growth = endsGrowth ? 0 : s.takenPerS
  return {
    aas,
    slots,
    ...(failures ? { failures } : {}),
    ...(usable === undefined ? {} : { usable, timeToExhaustion: timeLeft(slots.after, usable, growth) }),
    byWaitClass: middle!.classes,
    sessionsFreed: Math.max(0, Math.round(s.aas - load(left).aas)),
    slotsFreed: Math.max(0, Math.round(change.slots?.likely ?? 0)),
    connectsRecover: recovers(s, change, slots, usable, middle!.saturated),
    summary,
    saturated: middle!.saturated,
  }
}

/** A queue that grew because more came than could be done takes no more slots when it can be done. */
const drains = (s: Scene, { storage = 1 }: Change, { saturated }: After): boolean => {
  if (saturated) return false
  const { byWaitClass, aas } = load(s.now)
  const { CPU: cpu = 0, IO: io = 0, Commit: commit = 0 } = byWaitClass
  const waits = storage > 1 && (io + commit) / aas > MOSTLY
  return waits || (cpu / aas > MOSTLY && loadAfter(s, {}, byWaitClass, 'middle').saturated)
}

/** Share of the load that is the queue. */
const MOSTLY = 0.25

const relieved = (tick: Tick, { relieves, storage = 1 }: Change): Tick => {
  if (!tick.sessions || (!relieves && storage <= 1)) return tick
  const known = relieves?.(tick) ?? (() => false)
  const behind = storage > 1 ? behindStorage(tick) : new Set<string>()
  const goes = (session: SessionSample) => known(session) || behind.has(session.id)
  return withSessions(
    tick,
    tick.sessions.filter(session => session.state !== 'active' || !goes(session)),
  )
}

/** Who waits for the lock of somebody who waits for the volume. */
const behindStorage = (tick: Tick): Set<string> => {
  const slow = (tick.sessions ?? []).filter(({ waitClass }) => waitClass === 'IO' || waitClass === 'Commit')
  return behindAll(
    tick,
    slow.map(({ id }) => id),
  )
}

/** They were the trouble, and are not brought back. */
const withoutLocks = ({ Lock: _, ...others }: ByWaitClass): ByWaitClass => others

function atLeast(classes: ByWaitClass, least: ByWaitClass): ByWaitClass {
  const found = { ...classes }
  for (const name of WAIT_CLASSES) if ((least[name] ?? 0) > (found[name] ?? 0)) found[name] = least[name]!
  return found
}

const total = (classes: ByWaitClass): number => Object.values(classes).reduce((sum, value) => sum + value, 0)

/** Poisson noise of that many samples, and the model's own error, around the outermost guesses. */
function spread(before: number, after: number, low: number, high: number, samples: number): Shift {
  const noise = (level: number) => Z * Math.sqrt(level / Math.max(1, samples) + (MODEL_ERROR * level) ** 2)
  return {
    before,
    after,
    low: Math.max(0, Math.min(low, after) - noise(after)),
    high: Math.max(high, after) + Math.max(0.5, noise(Math.max(high, after))),
  }
}

/** Sessions at work take the idle ones first; only beyond those a pool opens more. */
function slotsAfter(
  s: Scene,
  change: Change,
  aas: Shift,
  unserved: number,
): { slots: Shift; demand: number } {
  const { certain = 0, likely: given = 0 } = change.slots ?? {}
  // Whoever stops working goes back to its pool, which lets go of what it did not have in peace.
  const idler = (change.requests ?? 1) > 1 ? 0 : Math.max(0, s.aas - aas.after)
  const likely = given + Math.max(0, Math.min(idler, beyondPeace(s)) - Math.max(0, given))
  const { requests } = change
  const idle = mean(s.now.map(idleIn)) || 0
  const more = (level: number) =>
    requests === undefined ? 0 : Math.max(0, level - s.aas - Math.max(0, idle - likely))
  const usable = change.usable ?? s.usable ?? Number.POSITIVE_INFINITY
  // More requests than can be done queue until no slot is left.
  const endless = unserved > 0 && (requests ?? 1) > 1 && Number.isFinite(usable) ? usable : 0
  const lasting = change.endsGrowth ? 0 : LASTING_S * s.takenPerS
  const demand = (freed: number, level: number) =>
    Math.max(0, s.slots - freed + more(level) + lasting + endless)
  const at = (freed: number, level: number) => Math.min(usable, demand(freed, level))
  // How large pools may get is not seen where they were refused: perhaps they are that large already.
  const isRaised = change.usable !== undefined && s.usable !== undefined && change.usable > s.usable
  return {
    slots: {
      before: s.slots,
      after: at(likely, aas.after),
      low: Math.min(
        at(Math.max(certain, likely), aas.low ?? aas.after),
        isRaised ? s.slots : Number.POSITIVE_INFINITY,
      ),
      high: at(Math.min(certain, likely), aas.high ?? aas.after),
    },
    // An endless queue has no size: of it the share that is not served says more.
    demand: demand(likely, aas.after) - endless,
  }
}

const idleIn = (tick: Tick): number =>
  tick.idle?.reduce((sum, { count }) => sum + count, 0) ?? tick.signals.connections_idle ?? 0

/** Failures for want of a slot end with a free one; others are another matter. */
function failuresAfter(
  s: Scene,
  change: Change,
  slots: Shift,
  usable: number | undefined,
  { saturated, unserved }: After,
): Shift | undefined {
  const tried = attemptsNow(s)
  if (tried.attempts === 0) return undefined
  const before = tried.failed / tried.attempts
  const others = tried.attempts === 0 ? 0 : (tried.failed - tried.forSlots) / tried.attempts
  const well = recovers(s, change, slots, usable, saturated)
  // Whoever is not done keeps somebody else out; the attempts of now say how many, where they fail already.
  const after = well ? others : Math.max(before, unserved)
  const isTight = usable !== undefined && (slots.high ?? slots.after) >= usable
  const mayBeWell = usable === undefined || (slots.low ?? slots.after) < usable
  return {
    before,
    after,
    low: mayBeWell ? Math.min(others, after) : after,
    high: Math.max(after, isTight ? before : 0),
  }
}

/** Whether a client gets a connection afterwards. */
function recovers(
  s: Scene,
  change: Change,
  slots: Shift,
  usable: number | undefined,
  saturated: boolean,
): boolean {
  const { byFailure, failed } = attemptsNow(s)
  const atOwnLimit = (byFailure['role-limit'] ?? 0) + (byFailure['database-limit'] ?? 0) > 0
  if (atOwnLimit && !change.liftsLimit && !change.slots) return false
  if (usable !== undefined && slots.after >= usable) return false
  // A queue without end takes the slots again, where nothing bounds it.
  return change.bounded === true || !(saturated && failed > 0)
}

interface Attempts {
  attempts: number
  failed: number
  forSlots: number
  byFailure: Partial<Record<string, number>>
}

/** In the time of now; where nobody tried then, in the whole incident. */
function attemptsNow({ evidence, now, diagnosis }: Scene): Attempts {
  const from = now[0]?.t ?? evidence.from
  const to = (now.at(-1)?.t ?? evidence.to) + evidence.tickMs
  const probes = evidence.probes.filter(({ t }) => t >= from && t < to)
  if (probes.length === 0) {
    const { attempts, failed, byFailure } = diagnosis.connect
    return { attempts, failed, forSlots: forSlots(byFailure), byFailure }
  }
  const byFailure: Attempts['byFailure'] = {}
  for (const { failure } of probes) if (failure) byFailure[failure] = (byFailure[failure] ?? 0) + 1
  const failed = probes.filter(({ ok }) => !ok).length
  return { attempts: probes.length, failed, forSlots: forSlots(byFailure), byFailure }
}

const forSlots = (byFailure: Attempts['byFailure']): number =>
  SLOT_FAILURES.reduce((sum, failure) => sum + (byFailure[failure] ?? 0), 0)

function timeLeft(used: number, usable: number, growth: number): NonNullable<Effect['timeToExhaustion']> {
  if (used >= usable) return { p10: 0, p50: 0, p90: 0 }
  if (growth <= 0) return 'never'
  const seconds = (usable - used) / growth
  return { p10: seconds / 1.5, p50: seconds, p90: seconds * 2 }
}
