// What RDS says happened to the instance and its cluster: restarts, failovers, full storage. Kept for 14 days.
import type { Event } from '@aws-sdk/client-rds'
import type { EvidenceEvent, Interval } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Database } from './database.ts'

const KEPT_MS = 14 * 24 * 3_600_000
const PAGE = 100
const MAX_PAGES = 5

/** In order of time. Throws AppError. */
export async function eventsOf(
  account: Account,
  { id, cluster }: Database,
  window: Interval,
  now: number,
  signal?: AbortSignal,
): Promise<EvidenceEvent[]> {
  if (window.to <= now - KEPT_MS) return []
  const sources = [['db-instance', id] as const, ...(cluster ? [['db-cluster', cluster.id] as const] : [])]
  const times = {
    StartTime: new Date(Math.max(window.from, now - KEPT_MS + 60_000)),
    EndTime: new Date(window.to),
  }
  const { DescribeEventsCommand } = await import('@aws-sdk/client-rds')
  const found: EvidenceEvent[] = []
  for (const [SourceType, SourceIdentifier] of sources) {
    let Marker: string | undefined
    for (let page = 0; page < MAX_PAGES; page++) {
      const command = new DescribeEventsCommand({
        SourceType,
        SourceIdentifier,
        ...times,
        MaxRecords: PAGE,
        Marker,
      })
      const answer = await account.call('rds:DescribeEvents', (rds, o) => rds.send(command, o), signal)
      found.push(...(answer.Events ?? []).flatMap(eventOf))
      Marker = answer.Marker
      if (!Marker) break
    }
  }
  return found.sort((a, b) => a.t - b.t)
}

/** The number of the event is no field of it: its categories say what kind it is. */
const eventOf = ({ Date: at, Message: message, EventCategories: categories = [] }: Event): EvidenceEvent[] =>
  at && message
    ? [
        {
          t: at.getTime(),
          source: 'rds',
          kind: categories.map(one => one.replaceAll(' ', '-')).join(',') || 'other',
          message,
        },
      ]
    : []
