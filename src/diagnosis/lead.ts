// The session at the head of an incident's lock queue, and what its queue waits for.
import type { BlockingHead, LockWait, SessionSample, Tick } from '../model/index.ts'
import { blockingOf, type Case } from './case.ts'

export interface Lead {
  head: BlockingHead
  /** The tick of its largest tree. */
  tick: Tick
  /** Ticks in which it stood at the head. */
  ticks: number
  /** Its share of all waiters of the incident, 0 to 1. */
  share: number
}

/** The session that most waiters of the incident hang on, at its worst tick. */
export function leadingHead(ticks: Tick[]): Lead | undefined {
  const leads = new Map<string, Lead & { waits: number }>()
  let total = 0
  for (const tick of ticks) {
    for (const head of blockingOf(tick).heads) {
      const lead = leads.get(head.session.id) ?? { head, tick, ticks: 0, share: 0, waits: 0 }
      const worst = head.blocked > lead.head.blocked ? { head, tick } : { head: lead.head, tick: lead.tick }
      leads.set(head.session.id, {
        ...lead,
        ...worst,
        ticks: lead.ticks + 1,
        waits: lead.waits + head.blocked,
      })
      total += head.blocked
    }
  }
  const first = [...leads.values()].sort((a, b) => b.waits - a.waits)[0]
  return first && { ...first, share: first.waits / total }
}

/** When its queue began: as long ago as its oldest waiter has waited, epoch milliseconds. */
export function queueOnset(c: Case, lead: Lead): number {
  const oldest = Math.max(0, ...queue(lead).map(({ stateAgeMs = 0 }) => stateAgeMs))
  return Math.min(lead.tick.t - oldest, c.incident.from)
}

/** The waiting DDL that holds up most of the queue: nobody would wait for the head, were it not for this one. */
export function gateOf(lead: Lead): SessionSample | undefined {
  const { placeOf } = blockingOf(lead.tick)
  const waiting = queue(lead)
  const behind = (gate: string) => waiting.filter(({ id }) => placeOf.get(id)?.parent === gate).length
  return waiting.find(
    ({ id, lock }) => lock?.exclusive && behind(id) >= Math.max(1, (waiting.length - 1) / 2),
  )
}

export interface QueueLock {
  kind: string
  object: string | undefined
}

/** What most of the queue waits for: the kind of lock, and the table or key. */
export function queueLock(lead: Lead): QueueLock {
  const locks = queue(lead).flatMap(({ lock }): LockWait[] => (lock ? [lock] : []))
  const kind = mostCommon(locks.map(lock => lock.kind).filter(name => name !== 'other')) ?? 'other'
  return {
    kind: gateOf(lead) ? 'ddl-queue' : kind,
    object: mostCommon(locks.flatMap(({ object }) => object ?? [])),
  }
}

/** ` on table orders`, or nothing when it is not known. */
export const onObject = ({ kind, object }: QueueLock): string =>
  object === undefined ? '' : ` on ${kind === 'advisory' ? 'advisory lock' : 'table'} ${object}`

const queue = ({ tick, head }: Lead): SessionSample[] => blockingOf(tick).queueOf.get(head.session.id) ?? []

function mostCommon(values: string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
}
