// The server was reached, and lets this role, password, host or database not in.
import type { Failure, Tick } from '../../model/index.ts'
import type { Case } from '../case.ts'
import { countOf, type Failed } from '../failed.ts'
import { type Met, met, mostOften } from '../met.ts'
import { failureWords } from '../path.ts'
import { cannotTell, found, type Judgement, nothing, type Rule, ruledOut, speaksFor } from '../rule.ts'

const KINDS: Partial<Record<Failure, string>> = {
  'authentication-failed': 'password',
  'not-permitted': 'no-rule',
  'database-unknown': 'database',
}

const isAuth = ({ failure }: { failure: Failure }): boolean => failure in KINDS

export const authFailure: Rule = { cause: 'auth-failure', hear }

/** One role at a time: another one's refusals are another finding. */
function hear(c: Case): Judgement {
  const refused = c.failed.filter(isAuth)
  const user = mostOften(refused, one => one.user)
  const failed = user === undefined ? refused : refused.filter(one => one.user === user)
  const failure = mostOften(failed, one => one.failure) as Failure | undefined
  if (!failure)
    return c.probes.length > 0
      ? ruledOut('no attempt was refused for its role, password or host')
      : cannotTell('connection attempts (spillway probe)')
  const seen = met(failed, c)
  return found(finding(c, failed, failure, seen))
}

function finding(c: Case, failed: Failed[], failure: Failure, { who, ...seen }: Met) {
  const changed = cameInBefore(c, failed, seen.onset)
  const { user } = seen.subject
  const since = changed
    ? ', and came in before: the password, the role or a rule was changed while its old sessions go on'
    : ''
  return {
    ...seen,
    kind: changed && failure !== 'database-unknown' ? 'rotation' : KINDS[failure]!,
    confidence: changed ? 0.95 : 0.9,
    title: `${who} is refused: ${failureWords(failure)}`,
    because: `${failureWords(failure)} (${who})${since}`,
    evidence: [
      ...seen.evidence,
      ...(changed ? [speaksFor(`${who} came in until then, and is refused from one moment on`)] : []),
    ],
    remedies: [],
    gone: nothing,
    answers: (one: Failed) => isAuth(one) && (user === undefined || one.user === user),
  }
}

/** Whether who is refused now had been let in: an attempt that succeeded, or a session of the role. */
function cameInBefore({ evidence }: Case, failed: Failed[], onset: number): boolean {
  const own = countOf(failed.filter(({ source }) => source === 'probe'))
  if (own > 0) return evidence.probes.some(({ t, ok }) => ok && t < onset)
  const users = new Set(failed.flatMap(({ user }) => user ?? []))
  const has = ({ sessions = [], idle = [] }: Tick) =>
    [...sessions, ...idle].some(({ user }) => user !== undefined && users.has(user))
  return evidence.ticks.some(tick => tick.t < onset && has(tick))
}
