// The signs of trouble in each tick. A sign says that something is wrong, not why.
import { deviation, mean, median } from '../load/index.ts'
import { type Evidence, type Limits, type Target, type Tick, usableSlots } from '../model/index.ts'
import { behind } from './behind.ts'
import { blockingOf } from './case.ts'
import { stormy } from './churn.ts'
import { saidSpells } from './said.ts'
import { slowSpells } from './slow.ts'
import { failingSpells, toldSpells } from './spell.ts'
import { tally } from './tally.ts'

/** A tick is at the ceiling when no more than this share of the usable slots is left. */
const CEILING = 0.97
/** Sessions behind one head that make a pile-up rather than everyday contention. */
const PILE_UP = 3
/** Sessions that are many on any machine, where the number of vCPUs is not known. */
const PLENTY = 4
/** Below this share of the usable slots a growing number of sessions without work is nobody's trouble yet. */
const FILLING = 0.7
/** Ticks over which a level has to have risen to be rising still. */
const RISING_TICKS = 5

export type Trouble = 'connects' | 'ceiling' | 'blocked' | 'load' | 'limit' | 'growth' | 'outside'

/** For each tick what is wrong in it; empty when nothing is. Linear in ticks, sessions and probes. */
export function troubles(evidence: Evidence): Trouble[][] {
  const { ticks, tickMs, from, limits, target } = evidence
  const tickOf = (t: number) => Math.floor((t - from) / tickMs)
  const failing = new Set([...failingSpells(evidence), ...toldSpells(evidence)].map(tickOf))
  const outside = new Set([...slowSpells(evidence), ...saidSpells(evidence)].map(tickOf))
  const overloaded = overload(ticks, target.vcpus)
  const contended = contention(ticks, target.vcpus)
  const filling = fillers(ticks, limits)
  const limited = reachedLimit(evidence)
  const isStormy = stormy(ticks)
  const isBehind = behind(ticks)
  return ticks.map((tick, i) => {
    const found: Trouble[] = []
    if (failing.has(tickOf(tick.t))) found.push('connects')
    if (limits && (tally(tick).slots ?? 0) >= usableSlots(limits) * CEILING) found.push('ceiling')
    if (isPiledUp(ticks, i) || contended(tick)) found.push('blocked')
    if (overloaded(tick)) found.push('load')
    if (limited[i]) found.push('limit')
    if (filling[i]) found.push('growth')
    if (outside.has(tickOf(tick.t)) || isStormy(tick) || isBehind(tick)) found.push('outside')
    return found
  })
}

/** A head with a pile behind it that is there in a neighbouring tick too: the same session, not just another. */
function isPiledUp(ticks: Tick[], i: number): boolean {
  const piles = (tick: Tick | undefined) =>
    tick?.sessions
      ? blockingOf(tick)
          .heads.filter(head => head.blocked >= PILE_UP)
          .map(head => head.session.id)
      : []
  const near = [...piles(ticks[i - 1]), ...piles(ticks[i + 1])]
  return piles(ticks[i]).some(id => near.includes(id))
}

/**
 * More sessions at work (on CPU, or waiting for anything but locks, which have their own sign) than the machine has
 * vCPUs, and a clear shift from the quietest quarter of the evidence. Evidence that begins inside the trouble has no
 * quiet part: then three sessions on CPU for every vCPU are enough. Without a known vCPU count only a fourfold shift speaks.
 */
function overload(ticks: Tick[], vcpus: number | undefined): (tick: Tick) => boolean {
  const { quiet, spread } = quietLevel(ticks, workingSessions)
  return tick => {
    const working = workingSessions(tick)
    const shifted = working > quiet + 3 * spread + 1 && working >= 2 * quiet
    if (vcpus === undefined) return shifted && working >= Math.max(2 * PLENTY, 4 * quiet)
    return (shifted && working > 1.5 * vcpus) || (tally(tick).byWaitClass?.CPU ?? 0) > 3 * vcpus
  }
}

/** Neither locks, nor a client that is slow to answer, nor a statement that sleeps is work of the server. */
const workingSessions = (tick: Tick): number => {
  const { Lock = 0, Client = 0, Timeout = 0 } = tally(tick).byWaitClass ?? {}
  return (tally(tick).active ?? 0) - Lock - Client - Timeout
}

const lockWaiters = (tick: Tick): number => tally(tick).byWaitClass?.Lock ?? 0

/**
 * Lock waits that take most of the load, whoever holds the locks: a hot row that goes from hand to hand has no lasting head. As with
 * the load, a clear shift from the quietest quarter, or three waiters for every vCPU where there is no quiet part.
 */
function contention(ticks: Tick[], vcpus = PLENTY): (tick: Tick) => boolean {
  const { quiet, spread } = quietLevel(ticks, lockWaiters)
  return tick => {
    const waiting = lockWaiters(tick)
    if (waiting < (tally(tick).active ?? 0) / 2 || waiting < PILE_UP) return false
    const shifted = waiting > quiet + 3 * spread + 1 && waiting >= 2 * quiet && waiting > vcpus
    return shifted || waiting > 3 * vcpus
  }
}

/** Level and spread of a number in the quietest quarter of the evidence, smoothed over three ticks. */
function quietLevel(ticks: Tick[], of: (tick: Tick) => number): { quiet: number; spread: number } {
  const levels = ticks.filter(tick => tally(tick).active !== undefined).map(of)
  const smooth = levels.map((_, i) => mean(levels.slice(Math.max(0, i - 1), i + 2))).sort((a, b) => a - b)
  const quietest = smooth.slice(0, Math.max(4, Math.ceil(smooth.length / 4)))
  return { quiet: median(quietest) || 0, spread: deviation(quietest) || 0 }
}

/** Roles, and databases as `database:<name>`, that have as many sessions as they may have. */
export const atLimit = (limits: Limits, tick: Tick, target: Target): string[] =>
  Object.entries(limits.roleLimits ?? {}).flatMap(([name, limit]) =>
    sessionsOf(tick, name) + ownSessions(tick, name, target) >= limit ? name : [],
  )

/** The held connection and a probe. */
const OWN_MOST = 2

/**
 * Spillway's own sessions stand in no sample, but they count against limits as well. What more is unaccounted for came between
 * the count and the sample.
 */
function ownSessions(tick: Tick, name: string, { user, database }: Target): number {
  const counts = name === (name.startsWith(DATABASE) ? `${DATABASE}${database}` : user)
  return counts ? Math.min(OWN_MOST, tally(tick).byState.spillway ?? 0) : 0
}

/**
 * Ticks in which a role or database is at its limit and that is news: it was below before, or half of its sessions are at work. A
 * pool that was always as large as its role's limit, and idles, is somebody's intention.
 */
function reachedLimit({ ticks, limits, target }: Evidence): boolean[] {
  const below = new Set<string>()
  return ticks.map(tick => {
    if (!limits?.roleLimits || !tick.sessions) return false
    const at = atLimit(limits, tick, target)
    for (const name of Object.keys(limits.roleLimits)) if (!at.includes(name)) below.add(name)
    const idle = { ...tick, sessions: tick.sessions.filter(({ state }) => state === 'idle') }
    return at.some(name => below.has(name) || sessionsOf(idle, name) <= sessionsOf(tick, name) / 2)
  })
}

/** Sessions that count against the limit of a role, or of a database as `database:<name>`. */
const sessionsOf = (tick: Tick, name: string): number => countsByName(tick).get(name) ?? 0

/** Sessions by role and by database, counted once a tick. */
function countsByName(tick: Tick): Map<string, number> {
  const known = COUNTS.get(tick)
  if (known) return known
  const counts = new Map<string, number>()
  const add = ({ user, database }: { user?: string; database?: string }, n: number) => {
    for (const name of [user, database === undefined ? undefined : `${DATABASE}${database}`]) {
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + n)
    }
  }
  for (const session of tick.sessions ?? []) add(session, 1)
  for (const group of tick.idle ?? []) add(group, group.count)
  COUNTS.set(tick, counts)
  return counts
}

const COUNTS = new WeakMap<Tick, Map<string, number>>()

export const countsFor =
  (name: string) =>
  (who: { user?: string; database?: string }): boolean =>
    name.startsWith(DATABASE) ? who.database === name.slice(DATABASE.length) : who.user === name

export const DATABASE = 'database:'

/** Ticks in which sessions that do no work fill the slots: a quarter of them more than at the lowest, and hardly ever less. */
function fillers(ticks: Tick[], limits: Limits | undefined): boolean[] {
  if (!limits) return ticks.map(() => false)
  const usable = usableSlots(limits)
  let [lowest, last, up, down] = [Number.POSITIVE_INFINITY, Number.NaN, 0, 0]
  const growing = ticks.map(tick => {
    if (!tick.idle) return false
    const level = (tally(tick).slots ?? 0) - (tally(tick).active ?? 0)
    if (level > last) up += level - last
    if (level < last) down += last - level
    last = level
    lowest = Math.min(lowest, level)
    return level - lowest >= usable / 4 && up > 3 * down && (tally(tick).slots ?? 0) >= usable * FILLING
  })
  // A deploy fills slots and gives them back; a pool warms up and stands. Only what reached the ceiling, or still rises, is trouble.
  const levels = ticks.map(tick => tally(tick).slots ?? 0)
  const rising = levels.at(-1)! > (levels.at(-RISING_TICKS) ?? Number.POSITIVE_INFINITY)
  const counts = (run: number[]) =>
    run.some(at => levels[at]! >= usable * CEILING) || (rising && run.at(-1) === ticks.length - 1)
  const kept = new Set(runsOf(growing).filter(counts).flat())
  return growing.map((_, at) => kept.has(at))
}

/** Indices of each stretch of `true`. */
function runsOf(flags: boolean[]): number[][] {
  const runs: number[][] = []
  flags.forEach((flag, at) => {
    if (flag && flags[at - 1]) runs.at(-1)!.push(at)
    else if (flag) runs.push([at])
  })
  return runs
}
