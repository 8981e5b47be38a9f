// Sessions queue behind the holder of a lock.
import type { EvidenceItem, Tick } from '../../model/index.ts'
import { blockingOf, type Case, lastSample, meanOver } from '../case.ts'
import { gateOf, type Lead, leadingHead, onObject, type QueueLock, queueLock, queueOnset } from '../lead.ts'
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
  subjectOf,
} from '../rule.ts'
import { age, percent, plural, round1, session } from '../say.ts'
import { lockQueue } from '../signal/lock-contention.ts'
import { tally } from '../tally.ts'

/** Waiters that make a queue worth naming, on average over the incident. */
const QUEUE = 1.5
/** Share of the load below which waiting for locks is a side matter. */
const SIDE_MATTER = 0.2

export const lockContention: Rule = { cause: 'lock-contention', judge, mechanism: lockQueue }

function judge(c: Case): Judgement {
  if (!c.during.some(tick => tick.sessions)) return cannotTell('sessions with what they wait for')
  const waiting = meanOver(c.during, waiters)
  const before = meanOver(c.before, waiters)
  const share = waiting / Math.max(c.loadDuring.aas, 1e-9)
  if (waiting < QUEUE || share < SIDE_MATTER || waiting < 2 * before) {
    return ruledOut(`${round1(waiting)} sessions wait for locks on average, ${percent(share)} of the load`)
  }
  const lead = leadingHead(c.during)
  return lead
    ? found(finding(c, lead, { waiting, before, share }))
    : cannotTell('who holds the locks (no blocker was sampled)')
}

const waiters = (tick: Tick): number => (tick.sessions ? (tally(tick).byWaitClass?.Lock ?? 0) : 0)

interface Waits {
  waiting: number
  before: number
  share: number
}

/** Below this share of the waiting no single session is to blame: the lock goes from hand to hand. */
const ONE_HEAD = 0.3

function finding(c: Case, lead: Lead, waits: Waits): Found {
  const lock = queueLock(lead)
  const share = waits.waiting / Math.max(c.loadDuring.aas, 1e-9)
  const common = {
    kind: lock.kind,
    confidence: 0.5 + 0.3 * ramp(share, SIDE_MATTER, 0.7) + 0.2 * ramp(lead.share, 0, 0.8),
    onset: queueOnset(c, lead),
  }
  const measured = speaksFor(
    `${round1(waits.waiting)} sessions wait for locks on average (${percent(share)} of the load); before it ${round1(waits.before)}`,
  )
  return lead.share < ONE_HEAD
    ? { ...common, ...handToHand(lead, lock, measured) }
    : { ...common, ...oneHead(c, lead, lock, measured) }
}

type Rest = Omit<Found, 'kind' | 'confidence' | 'onset'>

/** Many short holders, one after the other: ending any of them changes nothing. */
function handToHand(lead: Lead, lock: QueueLock, measured: EvidenceItem): Rest {
  return {
    title: `sessions queue for a lock${onObject(lock)} that goes from hand to hand`,
    because: `up to ${plural(lead.head.blocked, 'session')} queue${onObject(lock)} for a lock that goes from one holder to the next`,
    evidence: [measured, speaksFor(`no session holds up more than ${percent(lead.share)} of the waiting`)],
    subject: lock.object === undefined ? {} : { object: lock.object },
    remedies: ['lock-timeout', 'scale-up', 'max-connections'],
    gone: tick => ({ sessions: [...blockingOf(tick).queueOf.values()].flat() }),
  }
}

function oneHead(c: Case, lead: Lead, lock: QueueLock, measured: EvidenceItem): Rest {
  const { head } = lead
  const gate = gateOf(lead)
  const root = lastSample(c.during, head.session.id) ?? head.session
  const blocked = plural(head.blocked, 'session')
  return {
    title: `${blocked} wait for a lock${onObject(lock)}`,
    because: `${session(root)} blocks ${blocked}${onObject(lock)}${gate ? `: session ${gate.id} waits there for DDL, and all others behind it` : ''}`,
    evidence: [
      measured,
      speaksFor(
        `${percent(lead.share)} of the waiting hangs on session ${root.id}, at the head in ${plural(lead.ticks, 'sample')}`,
      ),
      root.transactionAgeMs === undefined
        ? isMissing(`session ${root.id} at the head: its own state was not sampled`)
        : speaksFor(`the transaction of session ${root.id} is open for ${age(root.transactionAgeMs)}`),
    ],
    subject: subjectOf(root, lock.object),
    remedies: ['end-session', 'lock-timeout', 'scale-up', 'max-connections'],
    gone: tick => ({ sessions: blockingOf(tick).queueOf.get(root.id) ?? [] }),
  }
}
