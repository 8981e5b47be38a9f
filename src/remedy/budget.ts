// A size for every pool from what it really used, so that all of them together fit into the usable slots.
import { activeSessions, holders, scalability } from '../load/index.ts'
import type { Cause, IdleGroup, PoolBudget, PoolShare, SessionSample, Tick } from '../model/index.ts'
import type { Scene } from './situation.ts'
import { IN_HAND_MS, type Wanted, wantedBy } from './wanted.ts'
import { rateOf } from './work.ts'

/** Slots left for people, migrations and the next deploy. */
const SPARE = 0.15
/** A pool of one makes every request wait for the one before it. */
const SMALLEST = 2
/** Sessions that were at work at once in a sample may be more between two samples, */
const MARGIN = 1.5
/** but of Poisson arrivals hardly ever more than this many deviations above λ × W, which Little's law says are at work. */
const DEVIATIONS = 3
/** A curve that explains less of what was seen is none. */
const GOOD_FIT = 0.8

/** Undefined without samples or limits, or where there are more pools than slots. */
export function poolBudget(s: Scene): PoolBudget | undefined {
  const { usable } = s
  const pools = poolsOf(s.evidence.ticks, new Set(s.now), withoutPool(s), allInHand(s))
  if (usable === undefined || pools.length === 0) return undefined
  const best = bestConcurrency(s)
  const starved = starvedPool(s)
  const needs = pools.map(pool => Math.max(needOf(pool), starved?.isIt(pool) ? starved.wanted.most : 0))
  const wanted = needs.reduce((sum, n) => sum + n, 0)
  const most = Math.floor(usable * (1 - SPARE))
  // Beyond the best concurrency more sessions do less, whatever the slots allow.
  const budget = best === undefined ? most : Math.min(most, Math.max(Math.ceil(best), 2 * pools.length))
  if (pools.length > budget) return undefined
  const sizes = wanted <= budget ? needs : shrink(needs, budget)
  const total = sizes.reduce((sum, n) => sum + n, 0)
  return {
    usable,
    spare: usable - total,
    pools: pools.map((pool, i) => ({ ...pool, size: sizes[i]! })),
    ...(best === undefined ? {} : { bestConcurrency: best }),
  }
}

interface Starved {
  isIt(pool: Pick<PoolShare, 'user' | 'application'>): boolean
  wanted: Wanted
}

/** The pool whose own requests wait for a connection, and what they want. */
export function starvedPool(s: Scene): Starved | undefined {
  const found = s.diagnosis.findings.find(({ cause }) => cause === 'client-pool-starved')?.subject
  if (found?.application === undefined) return undefined
  const { user, application } = found
  const isIt: Starved['isIt'] = one =>
    one.application === application && (user === undefined || one.user === user)
  const wanted = wantedBy(
    s,
    one => isIt({ user: one.user ?? '?', application: one.application ?? '' }),
    one => one.source === 'application' && (one.application ?? application) === application,
  )
  return wanted && { isIt, wanted }
}

/** Sessions at work that a pool of its size would not have let in: their requests wait in the application. */
export function beyondSizes(
  pools: readonly PoolShare[],
): (tick: Tick) => (session: SessionSample) => boolean {
  const sizes = new Map(pools.map(pool => [keyOf(pool), pool.size]))
  return tick => {
    const left = new Map(sizes)
    const beyond = new Set<string>()
    for (const session of tick.sessions ?? []) {
      const free = left.get(keyOf(session))
      if (free === undefined || session.state !== 'active') continue
      if (free > 0) left.set(keyOf(session), free - 1)
      else beyond.add(session.id)
    }
    return ({ id }) => beyond.has(id)
  }
}

const keyOf = ({ user = '?', application = '', host = '?' }: Partial<PoolShare>): string =>
  JSON.stringify([user, application, host])

const needOf = ({ busy, peak }: Omit<PoolShare, 'size'>): number =>
  Math.max(SMALLEST, peak, Math.ceil(Math.min(MARGIN * peak, busy + DEVIATIONS * Math.sqrt(busy))))

/** In proportion, at least one each, by largest remainders: adds up to the budget exactly. */
function shrink(needs: readonly number[], budget: number): number[] {
  const wanted = needs.reduce((sum, n) => sum + n, 0)
  const free = budget - needs.length
  const shares = needs.map(n => (free * n) / wanted)
  const sizes = shares.map(share => 1 + Math.floor(share))
  const left = budget - sizes.reduce((sum, n) => sum + n, 0)
  const byRemainder = shares.map((share, i) => ({ i, part: share % 1 })).sort((a, b) => b.part - a.part)
  for (const { i } of byRemainder.slice(0, left)) sizes[i]!++
  return sizes
}

type Pool = Omit<PoolShare, 'size'>

/** Users who open a connection for each call: whatever they hold is in use, idle or not, and a pool would lend it as long. */
export const withoutPool = ({ diagnosis }: Scene): ReadonlySet<string> =>
  new Set(
    diagnosis.findings.flatMap(({ cause, subject }) =>
      cause === 'connection-storm' ? (subject?.user ?? []) : [],
    ),
  )

/** Every pool that was ever seen, most slots first. */
function poolsOf(
  ticks: readonly Tick[],
  now: ReadonlySet<Tick>,
  unpooled: ReadonlySet<string>,
  inHand: ReadonlySet<string>,
): Pool[] {
  const found = new Map<string, Pool & { all: number[]; latest: number[] }>()
  const sampled = ticks.filter(tick => tick.sessions)
  for (const tick of sampled) {
    const working = workingByPool(tick.sessions ?? [])
    for (const { user, application, host, slots } of holders(tick)) {
      // Somebody who has not logged in yet.
      if (user === '?') continue
      const key = keyOf({ user, application, host })
      const pool = found.get(key) ?? {
        user,
        application,
        host,
        held: 0,
        busy: 0,
        peak: 0,
        all: [],
        latest: [],
      }
      found.set(key, pool)
      const isUsed = unpooled.has(user) || (now.has(tick) && inHand.has(key))
      const n = isUsed ? slots : (working.get(key) ?? 0)
      pool.held = Math.max(pool.held, slots)
      pool.peak = Math.max(pool.peak, n)
      pool.all.push(n)
      if (now.has(tick)) pool.latest.push(n)
    }
  }
  return [...found.values()]
    .map(({ all, latest, ...pool }) => ({
      ...pool,
      // The busier of the whole time and of now; a pool that was not there did no work.
      busy: Math.max(sum(all) / sampled.length, sum(latest) / Math.max(1, now.size)),
    }))
    .sort((a, b) => b.held - a.held || (a.application < b.application ? -1 : 1))
}

/** Causes that leave somebody without a connection while those he has look idle: the application is busy with them. */
const STARVED: readonly Cause[] = ['role-limit', 'client-pool-starved']

/** Pools of whom such a cause names, all of whose idle sessions are used again and again. */
function allInHand({ now, diagnosis: { findings } }: Scene): Set<string> {
  const users = findings.flatMap(({ cause, subject }) =>
    STARVED.includes(cause) ? (subject?.user ?? []) : [],
  )
  const isUsed = ({ user = '?', oldestStateAgeMs }: IdleGroup) =>
    users.includes(user) && oldestStateAgeMs < IN_HAND_MS
  const sets = now.map(tick => new Set((tick.idle ?? []).filter(isUsed).map(keyOf)))
  const [first = new Set<string>(), ...others] = sets
  return new Set([...first].filter(key => others.every(set => set.has(key))))
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)

/** A pause between two statements of a transaction; one that lasts longer is forgotten, milliseconds. */
const PAUSE_MS = 2_500

/** A connection is in use for a whole transaction, pauses and all. Waiting for a lock is not work. */
function workingByPool(sessions: readonly SessionSample[]): Map<string, number> {
  const found = new Map<string, number>()
  for (const session of sessions) {
    const { state, waitClass, stateAgeMs = 0 } = session
    const pauses = state === 'idle in transaction' && stateAgeMs < PAUSE_MS
    if (!pauses && (state !== 'active' || waitClass === 'Lock')) continue
    const key = keyOf(session)
    found.set(key, (found.get(key) ?? 0) + 1)
  }
  return found
}

function bestConcurrency({ evidence }: Scene): number | undefined {
  const points = evidence.ticks.flatMap(tick => {
    const [x, y] = [activeSessions(tick), rateOf([tick])]
    return x === undefined || y === undefined ? [] : [{ x, y }]
  })
  const found = scalability(points)
  const seen = Math.max(0, ...points.map(({ x }) => x))
  // A peak beyond everything that was seen is a guess.
  return found && found.fit >= GOOD_FIT && found.peak >= 1 && found.peak <= seen ? found.peak : undefined
}
