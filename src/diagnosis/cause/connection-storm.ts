// Connections arrive faster than they can be served, each for a little work: nobody pools them.
import { poolKey, slotsByPool } from '../../load/index.ts'
import type { SessionSample, Tick } from '../../model/index.ts'
import { type Case, meanOver } from '../case.ts'
import { churnOf, isStorm, MANY_OPENED, SOME_OPENED } from '../churn.ts'
import {
  cannotTell,
  type Found,
  found,
  isMissing,
  type Judgement,
  type Rule,
  ramp,
  ruledOut,
  speaksFor,
} from '../rule.ts'
import { percent, round1 } from '../say.ts'
import { CALLS, CPU, NETWORK } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { both, most, type View } from '../signal/view.ts'
import { isTold, mostlyIn } from '../signal/waiting.ts'
import { tally } from '../tally.ts'

/** Share of the slots in use that have not finished authenticating, from which the door is where they stand. */
const STARTING = 0.25

/** Without a look at the sessions: the server counts those who come. */
const mechanism: Mechanism = {
  title: 'connections are opened far more often than before',
  claims: x => [
    shows(both(x.rises('connections_opened_per_s', 4), manyOpened(x)), 'many more are opened a second', 3),
    needs(most(x.rises('connections', 1.3), x.rises('connections_failed_per_s')), 'and they take slots'),
    contradicts(mostlyIn(x, 'aas_lock', 'aas_commit', 'aas_io'), 'sessions wait for something else', 0.7),
  ],
  raises: [...CALLS, ...CPU, 'connections', 'connections_opened_per_s', 'connections_idle', ...NETWORK],
  remedies: ['pool-size', 'max-connections'],
}

const manyOpened = (x: View) => {
  const opened = x.during('connections_opened_per_s')
  return opened === undefined || !isTold(x) ? undefined : ramp(opened, SOME_OPENED, MANY_OPENED)
}

export const connectionStorm: Rule = { cause: 'connection-storm', judge, mechanism }

const starting = (tick: Tick): number => tally(tick).byState.starting ?? 0

function judge(c: Case): Judgement {
  const [churn, usual] = [churnOf(c.during), churnOf(c.before)?.opened]
  const [atDoor, before] = [meanOver(c.during, starting), meanOver(c.before, starting)]
  const crowded = atDoor >= 2 && atDoor >= STARTING * c.slotsDuring && atDoor >= 4 * before
  const stormy = churn !== undefined && isStorm(churn, usual)
  if (!crowded && !stormy)
    return churn
      ? ruledOut(`${round1(churn.opened)} sessions opened a second, before it ${round1(usual ?? 0)}`)
      : cannotTell('sessions opened a second')
  return found(finding(c, { opened: stormy ? churn.opened : undefined, lifeS: churn?.lifeS, usual, atDoor }))
}

interface Storm {
  opened: number | undefined
  lifeS: number | undefined
  usual: number | undefined
  atDoor: number
}

function finding(c: Case, { opened, lifeS, usual, atDoor }: Storm): Found {
  const who = newcomer(c)
  const share = atDoor / Math.max(1, c.slotsDuring)
  const rate =
    opened === undefined
      ? `${round1(atDoor)} sessions at once stand at the door`
      : `${round1(opened)} connections are opened a second`
  const grew =
    opened === undefined ? 0 : ramp(Math.log(opened / Math.max(usual ?? 0, 1)), Math.log(4), Math.log(16))
  const isOne = (one: { user?: string; application?: string }) =>
    who !== undefined && poolKey(one) === poolKey(who)
  const isOfStorm = (sample: SessionSample) => sample.state === 'starting' || isOne(sample)
  return {
    confidence: 0.6 + 0.3 * Math.max(grew, ramp(share, STARTING, 0.6)),
    onset: c.incident.from,
    title: `${rate}${who ? `, most by ${who.application || who.user}` : ''}`,
    because: `${rate}${who ? `, most by ${who.application || who.user}` : ''}, each for a little work`,
    evidence: [
      ...(opened === undefined
        ? []
        : [speaksFor(`${round1(opened)} a second, before it ${round1(usual ?? 0)}`)]),
      ...(lifeS === undefined ? [] : [speaksFor(`a session lives for ${lifeS.toFixed(2)} s on average`)]),
      ...(atDoor >= 1
        ? [speaksFor(`${percent(share)} of the slots are held by sessions that authenticate`)]
        : []),
      ...(usual === undefined ? [isMissing('how many were opened before')] : []),
    ],
    subject: who ?? {},
    remedies: ['pool-size', 'max-connections'],
    gone: tick => {
      const keep = who?.before ?? 0
      return {
        sessions: tick.sessions?.filter(isOfStorm) ?? [],
        idle: group => (isOne(group) ? Math.max(0, group.count - Math.ceil(keep)) : 0),
      }
    },
  }
}

interface Newcomer {
  user: string
  application: string
  /** Its sessions before, on average. */
  before: number
}

/** Whose sessions became more than anybody else's. */
function newcomer({ before, during }: Case): Newcomer | undefined {
  const [then, now] = [slotsByPool(before), slotsByPool(during)]
  const [most] = [...now]
    .map(([key, slots]) => ({ key, by: slots - (then.get(key) ?? 0) }))
    .filter(({ by, key }) => by >= 1 && !key.startsWith('?'))
    .sort((a, b) => b.by - a.by)
  if (!most) return undefined
  const [user = '?', application = ''] = most.key.split('\u0000')
  return { user, application, before: then.get(most.key) ?? 0 }
}
