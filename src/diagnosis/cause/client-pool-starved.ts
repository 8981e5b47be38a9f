// The application's own pool is too small for what it does with a connection in hand; the server has room.
import { poolKey } from '../../load/index.ts'
import type { SessionSample, Tick } from '../../model/index.ts'
import { type Case, meanOver } from '../case.ts'
import { countOf, isForPool } from '../failed.ts'
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
  const pools = poolsOf(sampled.at(-1)!)
  const complaints = c.failed.filter(isForPool)
  // Who says so need not be seen to: a connection in hand may have nothing to do at the moment.
  const complaining = pools.find(pool =>
    complaints.some(({ application }) => application === pool.application),
  )
  const seen = pools.find(pool => isStarved(pool, sampled, c.before))
  const starved = complaining ?? seen
  const who = starved ? starved.application || starved.user : complaints[0]?.application
  if (who === undefined) return ruledOut('no pool has all its connections in use while the server has room')
  const size = starved ? `all ${starved.size} connections` : 'all connections'
  return found({
    confidence: complaints.length > 0 ? 0.8 : 0.6,
    onset: c.incident.from,
    title: `${size} of ${who} are in use; the server has room for more`,
    symptom: `Requests of ${who} wait for one of its own connections.`,
    because: `${who} keeps ${size} of its pool in use, and the server has room for more`,
    evidence: [
      ...(seen && seen === starved
        ? [
            speaksFor(
              `in ${percent(ALL_TAKEN)} of the samples or more no connection of ${who} is idle, and there are never more`,
            ),
          ]
        : []),
      ...(c.usable === undefined
        ? []
        : [speaksFor(`${round1(c.slotsDuring)} of the server's ${c.usable} usable slots are taken`)]),
      ...(complaints.length > 0
        ? [
            speaksFor(
              `applications got no connection of their own pools ${plural(countOf(complaints), 'time')}`,
            ),
          ]
        : [isMissing('how long its requests wait for a connection: only its own pool counts that')]),
    ],
    subject: starved ? { user: starved.user, application: starved.application } : { application: who },
    remedies: ['pool-size'],
    gone: nothing,
    answers: isForPool,
    outside: true,
  })
}

/** What one pool has of its connections in one tick. */
interface Use extends Pool {
  idle: number
  /** Those that the application itself is busy with. */
  held: number
}

const poolsOf = (tick: Tick): Use[] =>
  [...useOf(tick).values()].filter(({ size }) => size >= POOL).sort((a, b) => b.size - a.size)

/** By `poolKey`; counted once a tick. */
function useOf(tick: Tick): Map<string, Use> {
  const known = USES.get(tick)
  if (known) return known
  const uses = new Map<string, Use>()
  const of = (who: { user?: string; application?: string }): Use => {
    const { user = '?', application = '' } = who
    const use = uses.get(poolKey(who)) ?? { user, application, size: 0, idle: 0, held: 0 }
    uses.set(poolKey(who), use)
    return use
  }
  for (const session of tick.sessions ?? []) {
    const use = of(session)
    use.size++
    if (session.state === 'idle') use.idle++
    if (isHeld(session)) use.held++
  }
  for (const group of tick.idle ?? []) {
    const use = of(group)
    use.size += group.count
    use.idle += group.count
  }
  USES.set(tick, uses)
  return uses
}

const USES = new WeakMap<Tick, Map<string, Use>>()

const isHeld = ({ state, waitClass }: SessionSample): boolean =>
  state.startsWith('idle in') || waitClass === 'Client' || waitClass === 'CPU'

/** All taken, never more of them, by the application's own doing, and not so before. */
function isStarved(pool: Pool, during: Tick[], before: Tick[]): boolean {
  const own = (tick: Tick) => useOf(tick).get(poolKey(pool))
  const isTaken = (tick: Tick) => own(tick)?.idle === 0
  const all = during.filter(tick => isTaken(tick) && own(tick)?.size === pool.size)
  return (
    all.length >= ALL_TAKEN * during.length &&
    before.length > 0 &&
    before.filter(isTaken).length <= before.length / 2 &&
    meanOver(during, tick => own(tick)?.held ?? 0) >= pool.size / 2
  )
}
