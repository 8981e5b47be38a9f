// What clients of an RDS proxy met: refused logins, and the wait for a connection out of a pool that is all taken.
import type { EvidenceEvent, FailureCount, Interval } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { RdsProxy } from '../describe/proxy.ts'
import { metricValues } from './values.ts'

export interface ProxyTestimony {
  failures: FailureCount[]
  events: EvidenceEvent[]
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.monitoring.html */
const METRICS = [
  ['ClientConnectionsSetupFailedAuth', 'Sum'],
  ['DatabaseConnections', 'Maximum'],
  ['MaxDatabaseConnectionsAllowed', 'Maximum'],
  ['DatabaseConnectionsBorrowLatency', 'Average'],
] as const
const MICROSECONDS_A_SECOND = 1e6
/** A pool is all taken from this share of what it may have. */
const FULL = 0.97

/** Throws AppError. */
export async function proxyTestimony(
  account: Account,
  { name, borrowTimeoutS = 120 }: RdsProxy,
  window: Interval,
  periodS: number,
  signal?: AbortSignal,
): Promise<ProxyTestimony> {
  const queries = METRICS.map(([metric, stat]) => ({ metric, stat, dimensions: { ProxyName: name } }))
  const [failed, used, allowed, waited] = await metricValues(account, queries, window, periodS, signal)
  const failures = [...(failed ?? [])].flatMap(([t, count]): FailureCount[] =>
    count > 0
      ? [
          {
            t,
            source: 'proxy',
            failure: 'authentication-failed',
            native: { code: 'ClientConnectionsSetupFailedAuth', message: '' },
            count,
          },
        ]
      : [],
  )
  const full = [...(used ?? [])].filter(([t, n]) => n >= FULL * (allowed?.get(t) ?? Number.POSITIVE_INFINITY))
  const slow = [...(waited ?? [])].filter(([, us]) => us >= (borrowTimeoutS * MICROSECONDS_A_SECOND) / 2)
  const say = (at: [number, number][], kind: string, message: string): EvidenceEvent[] =>
    at[0] ? [{ t: at[0][0], source: 'rds-proxy', kind, message }] : []
  return {
    failures,
    events: [
      ...say(
        full,
        'pool-full',
        `proxy ${name} has all ${full[0]?.[1] ?? 0} connections it may open to the database`,
      ),
      ...say(
        slow,
        'slow-borrow',
        `clients of proxy ${name} wait ${Math.round((slow[0]?.[1] ?? 0) / MICROSECONDS_A_SECOND)} s for a connection; after ${borrowTimeoutS} s they are refused`,
      ),
    ],
  }
}
