// The application's own pool is too small for what it does with a connection in hand; the server has room.
import { poolKey } from '../../load/index.ts'
import type { SessionSample, Tick } from '../../model/index.ts'
import { type Case, meanOver } from '../case.ts'
import { countOf } from '../failed.ts'
import {
  cannotTell,
  found,
  isMissing,
  type Judgement,
  nothing,
  type Rule,
  ruledOut,
  speaksFor,
} from '../rule.ts'
import { percent, plural, round1 } from '../say.ts'
import { tally } from '../tally.ts'

/** Share of the samples in which no connection of a pool is idle that tells a pool in full use. */
const ALL_TAKEN = 0.9
/** Share of the usable slots up to which the server has room. */
const ROOM = 0.8
/** One connection that is always in use is a job, not a pool. */
const POOL = 2

export const clientPoolStarved: Rule = { cause: 'client-pool-starved', hear }

interface Pool {
  user: string
  application: string
  size: number
}

function hear(c: Case): Judgement {
  const sampled = c.during.filter(tick => tick.sessions)
  if (sampled.length === 0 || !sampled.some(tick => tick.idle))
    return cannotTell('sessions by application, idle ones too')
  if (c.usable !== undefined && c.slotsDuring > ROOM * c.usable)
    return ruledOut(
      `${round1(c.slotsDuring)} of ${c.usable} usable slots are taken: the server has little room`,
    )
  const cpu = meanOver(sampled, tick => tally(tick).byWaitClass?.CPU ?? 0)
  if (c.vcpus !== undefined && cpu > c.vcpus) return ruledOut('the CPU of the server is taken')
  const starved = poolsOf(sampled.at(-1)!).find(pool => isStarved(pool, sampled, c.before))
  if (!starved) return ruledOut('no pool has all its connections in use while the server has room')
  const complaints = c.failed.filter(({ source }) => source === 'application')
  const who = starved.application || starved.user
  return found({
    confidence: complaints.length > 0 ? 0.8 : 0.6,
    onset: c.incident.from,
    title: `all ${starved.size} connections of ${who} are in use; the server has room for more`,
    symptom: `Requests of ${who} wait for one of its own ${starved.size} connections.`,
    because: `${who} keeps all ${starved.size} connections of its pool in use, and the server has room for more`,
    evidence: [
      speaksFor(
        `in ${percent(ALL_TAKEN)} of the samples or more no connection of ${who} is idle, and there are never more`,
      ),
      ...(c.usable === undefined
        ? []
        : [speaksFor(`${round1(c.slotsDuring)} of the server's ${c.usable} usable slots are taken`)]),
      ...(complaints.length > 0
        ? [speaksFor(`the application reports ${plural(countOf(complaints), 'failure')}`)]
        : [isMissing('how long its requests wait for a connection: only its own pool counts that')]),
    ],
    subject: { user: starved.user, application: starved.application },
    remedies: ['pool-size'],
    gone: nothing,
    answers: ({ source }) => source === 'application',
    outside: true,
  })
}

function poolsOf(tick: Tick): Pool[] {
  const pools = new Map<string, Pool>()
  const add = (who: { user?: string; application?: string }, n: number) => {
    const { user = '?', application = '' } = who
    const pool = pools.get(poolKey(who)) ?? { user, application, size: 0 }
    pools.set(poolKey(who), { ...pool, size: pool.size + n })
  }
  for (const session of tick.sessions ?? []) add(session, 1)
  for (const group of tick.idle ?? []) add(group, group.count)
  return [...pools.values()].filter(({ size }) => size >= POOL).sort((a, b) => b.size - a.size)
}

/** All taken, never more of them, by the application's own doing, and not so before. */
function isStarved(pool: Pool, during: Tick[], before: Tick[]): boolean {
  const taken = (tick: Tick) => inUse(tick, pool)
  const allTaken = during.filter(tick => taken(tick).all && taken(tick).size === pool.size)
  const often = (ticks: Tick[]) => ticks.filter(tick => taken(tick).all).length / Math.max(1, ticks.length)
  return (
    allTaken.length >= ALL_TAKEN * during.length &&
    before.length > 0 &&
    often(before) <= 1 - ALL_TAKEN / 2 &&
    meanOver(during, tick => taken(tick).held) >= pool.size / 2
  )
}

/** `held`: those that the application itself is busy with. */
function inUse({ sessions = [], idle = [] }: Tick, pool: Pool): { all: boolean; size: number; held: number } {
  const own = sessions.filter(session => poolKey(session) === poolKey(pool))
  const isIdle = idle.some(group => poolKey(group) === poolKey(pool) && group.count > 0)
  const size = own.length
  return {
    size,
    all: size > 0 && !isIdle && own.every(({ state }) => state !== 'idle'),
    held: own.filter(isHeld).length,
  }
}

const isHeld = ({ state, waitClass }: SessionSample): boolean =>
  state.startsWith('idle in') || waitClass === 'Client' || waitClass === 'CPU'
