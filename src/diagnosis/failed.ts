// The connections that failed within an incident: Spillway's own attempts, and what is known of other clients'.
import {
  type Evidence,
  type Failure,
  type FailureCount,
  type Interval,
  SLOT_FAILURES,
} from '../model/index.ts'

export interface Failed extends Omit<FailureCount, 'source'> {
  /** `probe`: Spillway's own attempt. */
  source: FailureCount['source'] | 'probe'
}

/** Of a session that was open: what ended it is no failed connection. */
const LATER: readonly Failure[] = ['session-ended', 'connection-reset']
/** What failed as often before, or nearly so, is not the incident's. */
const MORE = 2

export const isForSlots = ({ failure }: Pick<Failed, 'failure'>): boolean => SLOT_FAILURES.includes(failure)

/** Nobody asked the server: the application's own connections were all in use. */
export const isForPool = ({ failure }: Pick<Failed, 'failure'>): boolean => failure === 'client-pool-timeout'

export const countOf = (all: readonly Pick<Failed, 'count'>[]): number =>
  all.reduce((sum, { count }) => sum + count, 0)

/** A tick's count begins before the incident is noticed in it. */
export function failedWithin(evidence: Evidence, within: Interval): Failed[] {
  const { probes, target } = evidence
  const own = probes.flatMap(({ t, failure, native, from }): Failed[] =>
    failure && t >= within.from && t < within.to
      ? [
          {
            ...{ t, source: 'probe', failure, count: 1 },
            ...(native && { native }),
            ...(from !== undefined && { host: from }),
            ...(target.user !== undefined && { user: target.user }),
            ...(target.database !== undefined && { database: target.database }),
          },
        ]
      : [],
  )
  const door = own.find(({ failure }) => DENIED.includes(failure))?.failure
  const isAuth = ({ failure }: { failure: Failure }) => failure === 'authentication-failed'
  const told = toldWithin(evidence, within)
  if (door === undefined || own.some(isAuth)) return [...own, ...told]
  return [...own, ...told.map(one => (isNameless(one) && isAuth(one) ? { ...one, failure: door } : one))]
}

/** Refusals that servers count together with wrong passwords: where Spillway meets one of them, it tells which. */
const DENIED: readonly Failure[] = ['tls-required', 'not-permitted', 'database-unknown']

const isNameless = ({ source, user }: Failed): boolean => source === 'counter' && user === undefined

function toldWithin({ failures, from, tickMs }: Evidence, within: Interval): Failed[] {
  const told = failures.filter(({ failure }) => !LATER.includes(failure))
  const during = told.filter(({ t }) => t + tickMs > within.from && t < within.to)
  const rates = (some: FailureCount[], ms: number) => {
    const byKind = new Map<string, number>()
    for (const one of some)
      byKind.set(kindOf(one), (byKind.get(kindOf(one)) ?? 0) + one.count / Math.max(ms, tickMs))
    return byKind
  }
  const earlier = told.filter(({ t }) => t + tickMs <= within.from)
  const before = rates(earlier, within.from - from)
  const now = rates(during, within.to - within.from)
  return during.filter(one => now.get(kindOf(one))! >= MORE * (before.get(kindOf(one)) ?? 0))
}

/** Who fails how. */
const kindOf = ({ failure, user }: FailureCount): string => `${failure} ${user ?? ''}`
