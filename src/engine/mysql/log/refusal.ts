// One entry of the error log → how a client's connection failed or ended.
import type { Failure, FailureCount } from '../../../model/index.ts'

type Refusal = Pick<FailureCount, 'failure' | 'native' | 'user' | 'host' | 'database'>

/** Undefined for an entry that is about anything else. */
export const refusalOf = (message: string): Refusal | undefined => {
  const aborted = ABORTED.exec(message)?.groups
  if (aborted) {
    const { reason = '', ...who } = aborted
    const [, failure, code] = REASONS.find(([pattern]) => pattern.test(reason))!
    return refusal(failure, code, `Aborted connection (${reason})`, who.user === NOBODY ? {} : who)
  }
  for (const [pattern, failure, code] of REFUSED) {
    const found = pattern.exec(message)
    if (found) return refusal(failure, code, withoutNames(message), found.groups ?? {})
  }
  return undefined
}

/** What MariaDB writes for who has not said a name yet, and where nothing is known. */
const NOBODY = 'unauthenticated'
const UNKNOWN = ['unconnected', 'connecting host', '']

const NAME = "[^'\\p{Cc}\\p{Cf}]{0,100}"
const ABORTED = new RegExp(
  `^Aborted connection \\d+ to db: '(?<database>${NAME})' user: '(?<user>${NAME})' host: '(?<host>${NAME})' \\((?<reason>.*)\\)`,
  'u',
)

/** Numbers as the client would have got them. The last holds for whatever else is said. */
const REASONS: [RegExp, Failure, string][] = [
  [/^Too many connections/, 'slots-exhausted', '1040'],
  [/without authentication/, 'connection-reset', '1158'],
  [/timeout|inactivity|shutdown|killed/i, 'session-ended', '2013'],
  [/^/, 'connection-reset', '2013'],
]

/** An account that requires TLS is refused in the words of a wrong password. */
const WHO = `user '(?<user>${NAME})'@'(?<host>${NAME})'`
const REFUSED: [RegExp, Failure, string][] = [
  [new RegExp(`^Access denied for ${WHO} \\(using password: `, 'u'), 'authentication-failed', '1045'],
  [new RegExp(`^Access denied for ${WHO}\\. Account is locked`, 'u'), 'not-permitted', '3118'],
  [new RegExp(`^Access denied for ${WHO} to database '(?<database>${NAME})'`, 'u'), 'not-permitted', '1044'],
  // Before a name was said. In a session the same stands in the reason of an aborted connection.
  [/^Got timeout reading communication packets/, 'handshake-timeout', '1159'],
  [/^Got an error reading communication packets/, 'connection-reset', '1158'],
  [/^Got packets out of order|^Bad handshake/, 'not-this-protocol', '1043'],
]

function refusal(
  failure: Failure,
  code: string,
  message: string,
  who: Record<string, string | undefined>,
): Refusal {
  const known = Object.entries(who).filter(([, name]) => name !== undefined && !UNKNOWN.includes(name))
  // `%` is what the account matches, not where its client is.
  const named = known.filter(([field, name]) => field !== 'host' || name !== '%')
  return { failure, native: { code, message: withoutNames(message) }, ...Object.fromEntries(named) }
}

const withoutNames = (message: string): string =>
  message
    .replace(/'[^']*'?/g, "'…'")
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .slice(0, 200)
