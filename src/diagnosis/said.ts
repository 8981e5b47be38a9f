// What logs, poolers and the cloud say outright: which events are of a restart, of a full disk, of a shut gate, of a pooler at its end.
import type { Evidence, EvidenceEvent, Interval } from '../model/index.ts'
import { timesFrom } from './spell.ts'

type Says = (event: EvidenceEvent) => boolean

const RESTARTS = [
  'server-stopping',
  'server-stopped',
  'backend-crashed',
  'server-restarting',
  'server-restarted',
]
/** Categories of RDS. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html */
const RDS_RESTARTS = ['failover', 'availability', 'recovery', 'maintenance']
/** Those of maintenance and recovery announce it as well, days before. */
const HAPPENS = /restart|shut ?down|offline|recover|failover|fail over|started|completed/i

export const isRestart: Says = event =>
  event.source === 'log' || event.source === 'spillway'
    ? RESTARTS.includes(event.kind)
    : event.source === 'rds' && hasCategory(event, RDS_RESTARTS) && HAPPENS.test(event.message)

/** The categories are the same for a disk that is low and one that is full: the words tell. */
export const isStorageFull: Says = ({ source, kind, message }) =>
  (source === 'log' && kind === 'storage-full') ||
  (source === 'rds' && /storage-full|storage .*exhausted/i.test(message))

/** A gate on the way that AWS says is shut. */
export const isShutGate: Says = ({ source, kind }) => source === 'network' && kind.startsWith('shut-')

const POOLER_ENDS = ['clients-at-limit', 'pool-exhausted', 'database-limit', 'pool-full', 'slow-borrow']

/** The pooler has nothing left to give. That it gets nothing from the server is the server's trouble. */
export const isPoolerAtEnd: Says = ({ source, kind }) =>
  (source === 'pgbouncer' || source === 'rds-proxy') && POOLER_ENDS.includes(kind)

/** The kernel ended a backend for want of memory. */
export const isOutOfMemoryKill: Says = ({ source, kind, message }) =>
  source === 'log' && kind === 'backend-crashed' && /signal 9\b/.test(message)

export const hasCategory = ({ kind }: EvidenceEvent, categories: readonly string[]): boolean =>
  kind.split(',').some(category => categories.includes(category))

/** What is no blip, though it is said once. */
export const saidOutright = ({ events }: Evidence): EvidenceEvent[] =>
  events.filter(
    event => isStorageFull(event) || isShutGate(event) || (event.source === 'rds' && isRestart(event)),
  )

/** Events of an incident; the first signs of one come a little before it is noticed. */
export const eventsWithin = ({ events, tickMs }: Evidence, { from, to }: Interval): EvidenceEvent[] =>
  events.filter(({ t }) => t >= from - EARLIER_TICKS * tickMs && t <= to)

const EARLIER_TICKS = 3

/**
 * Every tick in which clients wait at the end of a pooler: from the sign to the word that it is over. And a disk does not empty itself: that
 * it is full is said when somebody writes, and stands for a while.
 */
export function saidSpells({ events, ticks, tickMs }: Evidence): number[] {
  const end = (ticks.at(-1)?.t ?? 0) + tickMs
  return events.flatMap((event, i) => {
    if (isStorageFull(event)) return timesFrom(event.t, end, tickMs)
    if (event.source !== 'pgbouncer' || !isPoolerAtEnd(event)) return []
    const over = events
      .slice(i)
      .find(({ kind, message }) => kind === 'over' && message.startsWith(`over: ${event.kind}`))
    const spell: number[] = []
    for (let t = event.t; t < (over?.t ?? end); t += tickMs) spell.push(t)
    return spell
  })
}
