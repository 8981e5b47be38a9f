// Open transactions hold slots, and the locks that others wait for, without working.
import type { SessionSample, Tick } from '../../model/index.ts'
import { blockingOf, type Case, meanOver } from '../case.ts'
import { type Lead, leadingHead, onObject, queueLock, queueOnset } from '../lead.ts'
import {
  cannotTell,
  type Found,
  found,
  type Judgement,
  type Rule,
  ramp,
  ruledOut,
  speaksFor,
  subjectOf,
} from '../rule.ts'
import { age, percent, plural, round1, session } from '../say.ts'
import { LOCKS } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { most, type View } from '../signal/view.ts'
import { commitsWait, holderIdles, isTold } from '../signal/waiting.ts'

/** A pause between two statements is ordinary; one that lasts this long is not, milliseconds. */
const STUCK_MS = 2_500
/** Share of the slots in use that idle transactions have to hold to be a cause by their number alone. */
const HOARD = 0.25

/** Without a look at the sessions: by the server's count of them, or because nobody who works can hold the locks. */
const mechanism: Mechanism = {
  title: 'open transactions hold locks or slots and do nothing',
  claims: x => [
    shows(most(holderIdles(x), hoards(x)), 'who holds the locks, or the slots, does nothing', 3),
    needs(most(x.slower, hoards(x)), 'calls fall or take longer'),
    contradicts(commitsWait(x), 'who holds the locks waits for its commit'),
  ],
  atMost: 0.8,
  kind: x => ((holderIdles(x) ?? 0) >= (hoards(x) ?? 0) ? 'blocker' : 'hoard'),
  raises: [...LOCKS, 'connections_idle_in_transaction', 'connections', 'connections_opened_per_s'],
  remedies: ['idle-in-transaction-timeout', 'end-session', 'max-connections'],
}

/** As many more of them that they take a share of the slots. */
function hoards(x: View) {
  const [before, during, slots] = [
    x.before('connections_idle_in_transaction'),
    x.during('connections_idle_in_transaction'),
    x.during('connections'),
  ]
  if (!isTold(x) || before === undefined || during === undefined || !slots) return undefined
  return ramp((during - before) / slots, HOARD / 2, HOARD)
}

export const idleInTransaction: Rule = { cause: 'idle-in-transaction', judge, mechanism }

function judge(c: Case): Judgement {
  if (!c.during.some(tick => tick.sessions)) return cannotTell('sessions with their state')
  const lead = leadingHead(c.during)
  const root = lead && stuckHead(c.during, lead)
  if (lead && root && lead.head.blocked >= 2) return found(blocker(c, lead, root))
  const idle = meanOver(c.during, countStuck)
  const before = meanOver(c.before, countStuck)
  if (idle >= HOARD * c.slotsDuring && idle >= 2 * before && idle >= 2) return found(hoard(c, idle))
  const who = lead ? `the head of the lock queue is ${lead.head.session.state}` : 'nobody waits for one'
  return ruledOut(`${round1(idle)} transactions idle for long on average; ${who}`)
}

const isIdle = ({ state }: SessionSample): boolean =>
  state === 'idle in transaction' || state === 'idle in transaction (aborted)'
const isStuck = (sample: SessionSample): boolean => (sample.stateAgeMs ?? 0) >= STUCK_MS && isIdle(sample)
const countStuck = (tick: Tick): number => stuckIn(tick).length

/** Asked again for every cause that is taken away: looked for once a tick. */
function stuckIn(tick: Tick): readonly SessionSample[] {
  const known = STUCK.get(tick)
  if (known) return known
  const made = tick.sessions?.filter(isStuck) ?? []
  STUCK.set(tick, made)
  return made
}

const STUCK = new WeakMap<Tick, readonly SessionSample[]>()

/** The head's last idle sample, if it idled for most of the time in which others waited for it. */
function stuckHead(
  ticks: Tick[],
  {
    head: {
      session: { id },
    },
  }: Lead,
): SessionSample | undefined {
  const atHead = ticks.filter(tick => blockingOf(tick).heads.some(head => head.session.id === id))
  const samples = atHead.flatMap(tick => tick.sessions?.filter(sample => sample.id === id) ?? [])
  return samples.filter(isIdle).length >= samples.length / 2 ? samples.findLast(isStuck) : undefined
}

/** One forgotten transaction at the head of a lock queue. */
function blocker(c: Case, lead: Lead, root: SessionSample): Found {
  const blocked = plural(lead.head.blocked, 'session')
  const lock = queueLock(lead)
  const last = c.during.at(-1)!
  return {
    kind: 'blocker',
    confidence: 0.6 + 0.4 * ramp(lead.share, 0.3, 0.8),
    onset: Math.min(queueOnset(c, lead), idleSince(lastTickOf(c, root.id) ?? last, root)),
    title: `${session(root)} holds a lock that ${blocked} wait for`,
    because: `${session(root)} blocks ${blocked}${onObject(lock)}`,
    evidence: [
      speaksFor(
        `session ${root.id} has done nothing for ${age(root.stateAgeMs ?? 0)} inside an open transaction`,
      ),
      speaksFor(`${percent(lead.share)} of all waiting hangs on it, in ${plural(lead.ticks, 'sample')}`),
    ],
    subject: subjectOf(root, lock.object),
    remedies: ['end-session', 'idle-in-transaction-timeout', 'scale-up', 'max-connections'],
    gone: tick => {
      const own = tick.sessions?.find(({ id }) => id === root.id)
      return { sessions: [...(own ? [own] : []), ...(blockingOf(tick).queueOf.get(root.id) ?? [])] }
    },
  }
}

const lastTickOf = (c: Case, id: string): Tick | undefined =>
  c.during.findLast(tick => tick.sessions?.some(sample => sample.id === id))

const idleSince = (tick: Tick, sample: SessionSample): number => tick.t - (sample.stateAgeMs ?? 0)

/** Many idle transactions, each holding a slot. */
function hoard(c: Case, idle: number): Found {
  const worst = c.during.reduce((most, tick) => (countStuck(tick) > countStuck(most) ? tick : most))
  const stuck = [...stuckIn(worst)].sort((a, b) => (b.stateAgeMs ?? 0) - (a.stateAgeMs ?? 0))
  const oldest = stuck[0]!
  const share = idle / c.slotsDuring
  return {
    kind: 'hoard',
    confidence: 0.5 + 0.5 * ramp(share, HOARD, 0.7),
    onset: idleSince(worst, oldest),
    title: `${plural(stuck.length, 'session')} sit idle in an open transaction`,
    because: `${plural(stuck.length, 'session')} sit idle in an open transaction, the oldest is ${session(oldest)}`,
    evidence: [
      speaksFor(`${round1(idle)} such sessions on average hold ${percent(share)} of the slots in use`),
    ],
    subject: subjectOf(oldest),
    remedies: ['idle-in-transaction-timeout', 'end-session', 'max-connections'],
    gone: tick => ({ sessions: stuckIn(tick) }),
  }
}
