// Who has most of the load, and who makes others wait, as Performance Insights counted them.
import type { EvidenceEvent, Interval } from '../../model/index.ts'
import { type KeySeries, LOAD } from './metrics.ts'
import { STATEMENT } from './statement.ts'

const WHO = {
  'db.wait_event.name': 'waits for',
  'db.user.name': 'user',
  'db.host.name': 'host',
  'db.application.name': 'application',
  'db.name': 'database',
  [STATEMENT]: 'statement',
  'db.blocking_session.id': 'blocked by session',
  'db.blocking_object.value': 'blocked at',
} as const

/** The largest of each dimension, as a share of the load, in one line; nothing where there is no load. */
export function mostOf(keys: readonly KeySeries[], within: Interval): EvidenceEvent[] {
  const loads = keys.filter(({ metric }) => metric === LOAD)
  const sum = sumIn(within)
  const total = sum(loads.find(({ dimensions }) => !dimensions))
  if (total <= 0) return []
  const parts = Object.entries(WHO).flatMap(([dimension, word]) => {
    const [most] = loads
      .filter(({ dimensions }) => dimensions?.[dimension] !== undefined)
      .sort((a, b) => sum(b) - sum(a))
    const share = Math.round((100 * sum(most)) / total)
    return most && share > 0 ? [`${word} ${short(most.dimensions![dimension]!)} ${share} %`] : []
  })
  return parts.length === 0
    ? []
    : [
        {
          t: within.to - 1,
          source: 'performance-insights',
          kind: 'most-load',
          message: `most of the load: ${parts.join(', ')}`,
        },
      ]
}

const sumIn =
  ({ from, to }: Interval) =>
  (key: KeySeries | undefined): number =>
    [...(key?.points ?? [])].reduce((total, [t, value]) => (t >= from && t < to ? total + value : total), 0)

const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}
