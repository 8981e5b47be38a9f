// How far Aurora Serverless v2 had grown: at its maximum there is no more CPU and memory to come.
import type { EvidenceEvent, Interval } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Database } from '../describe/database.ts'
import { metricValues } from './values.ts'

/** Share of the maximum from which on it cannot grow, percent. */
const FULL_PCT = 97
const MINUTE_S = 60

/** Nothing for other classes. Throws AppError. */
export async function capacityEvents(
  account: Account,
  { id, instanceClass, cluster }: Database,
  window: Interval,
  signal?: AbortSignal,
): Promise<EvidenceEvent[]> {
  if (instanceClass !== 'db.serverless' || !cluster?.serverless) return []
  const { minAcu, maxAcu } = cluster.serverless
  const dimensions = { DBInstanceIdentifier: id }
  const queries = ['ServerlessDatabaseCapacity', 'ACUUtilization'].map(metric => ({
    metric,
    stat: 'Maximum' as const,
    dimensions,
  }))
  const [capacity = new Map(), used = new Map()] = await metricValues(
    account,
    queries,
    window,
    MINUTE_S,
    signal,
  )
  const [highest] = [...used].sort(([, a], [, b]) => b - a)
  if (!highest) return []
  const [t, pct] = highest
  const acu = capacity.get(t) ?? maxAcu
  const say = (kind: string, message: string): EvidenceEvent[] => [{ t, source: 'catalog', kind, message }]
  return pct >= FULL_PCT
    ? say(
        'limit-reached',
        `${id} uses ${acu} of the ${maxAcu} ACU that it may grow to: there is no more to come`,
      )
    : say(
        'capacity',
        `${id} uses ${acu} ACU at most (${Math.round(pct)} % of the ${maxAcu} it may grow to, from ${minAcu})`,
      )
}
