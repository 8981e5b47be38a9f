// One entry of the log → how a client's connection failed. SQLSTATE first; the text where the log has no code, or the code lies.
import type { Failure, NativeError } from '../../../model/index.ts'
import { classify, isSqlState } from '../classify.ts'
import type { Entry } from './entry.ts'

export interface Refusal {
  failure: Failure
  native: NativeError
  /** The code or the text that would tell which failure it was is missing. */
  vague: boolean
}

/** Undefined for an entry that is about anything else than a failed or ended connection. */
export const refusalOf = (entry: Entry): Refusal | undefined => {
  const { message } = entry
  if (OTHER.test(message)) return undefined
  const code = isSqlState(entry.code) ? entry.code : ''
  const told = BY_TEXT.find(([pattern]) => pattern.test(message))
  if (told) return { failure: told[1], native: { code, message: withoutNames(message) }, vague: false }
  if (code === '08006' && !isError(entry)) return refusal(entry, 'connection-reset', code)
  if (!isFatal(entry)) return undefined
  const known = code === '' ? stateOf(message) : code
  // Authentication is the only thing that ends a session with this code.
  if (known === '57014') return refusal(entry, 'handshake-timeout', code)
  if (known !== '') {
    const { routine } = entry
    const { failure } = classify({ code: known, message, routine }, 'authenticate')
    const isTold = routine !== undefined || stateOf(message) !== ''
    return refusal(entry, failure, code, known === '53300' && !isTold)
  }
  // A background process has no client.
  const hasClient = entry.host !== undefined || entry.user !== undefined
  return hasClient ? refusal(entry, 'unclassified', code, true) : undefined
}

const refusal = (entry: Entry, failure: Failure, code: string, vague = false): Refusal => ({
  failure,
  native: {
    code,
    message: withoutNames(failure === 'unclassified' ? untilColon(entry.message) : entry.message),
  },
  vague,
})

/** Background processes that are ended, and replication's own limit. */
const OTHER = /^(?:terminating (?!connection)|number of requested standby connections)/

/** What is no FATAL, or has a code of many meanings. */
const BY_TEXT: [RegExp, Failure][] = [
  [/^could not fork new process for connection/, 'out-of-memory'],
  [/^could not accept SSL connection: .*(?:certificate|unknown ca)/, 'tls-certificate'],
  [/^connection requires a valid client certificate/, 'tls-certificate'],
  [/^could not accept SSL connection: .*(?:EOF|reset by peer|Success)/, 'connection-reset'],
  [/^could not accept SSL connection: (?:http request|wrong version number)/, 'not-this-protocol'],
  [/^could not accept SSL connection/, 'tls-unsupported'],
  [/^could not (?:receive data from|send data to) client|^connection to client lost/, 'connection-reset'],
  [/^unexpected EOF on client connection|^incomplete startup packet/, 'connection-reset'],
  [/^invalid (?:length of )?startup packet|^unsupported frontend protocol/, 'not-this-protocol'],
  [/^received unencrypted data after SSL request/, 'not-this-protocol'],
  [/^canceling authentication due to timeout/, 'handshake-timeout'],
  [/^terminating connection because of crash of another server process/, 'session-ended'],
]

/** The word for FATAL in the languages PostgreSQL speaks; the words of the text log and of csvlog alike. */
const FATAL = new Set([
  ...['FATAL', 'FATALE', 'FATALT', 'KATASTROFALNY', 'ÖLÜMCÜL', 'ВАЖНО', 'ФАТАЛЬНО', '致命错误'],
  ...['치명적오류', 'ფატალური'],
])
const isFatal = ({ severity }: Entry): boolean => FATAL.has(severity)
const isError = ({ severity }: Entry): boolean => severity === 'ERROR'

/** SQLSTATE by the English text, for a log without codes. */
const stateOf = (message: string): string => STATES.find(([pattern]) => pattern.test(message))?.[1] ?? ''

const STATES: [RegExp, string][] = [
  [/^sorry, too many clients already|slots are reserved for|^too many connections for /, '53300'],
  [/^password authentication failed|^empty password returned by client/, '28P01'],
  [/ authentication failed for user |^no pg_hba\.conf entry|^pg_hba\.conf rejects/, '28000'],
  [/^role ".*" (?:does not exist|is not permitted to log in)/, '28000'],
  [/^database ".*" does not exist/, '3D000'],
  [/^database ".*" is not currently accepting connections/, '55000'],
  [/^permission denied for database/, '42501'],
  [/^the database system is /, '57P03'],
  [/^out of memory/, '53200'],
  [/^terminating connection due to idle-in-transaction/, '25P03'],
  [/^terminating connection due to idle-session/, '57P05'],
  [/^terminating connection due to transaction timeout/, '25P04'],
  [/^terminating connection due to conflict with recovery/, '57P01'],
  [/^terminating connection/, '57P01'],
]

const MAX_MESSAGE = 200

/** Names are told in fields of their own; what else stands in quotes may be anything, a password typed as a name included. */
export const withoutNames = (message: string): string =>
  message
    .replace(/"[^"]*"?|'[^']*'?|[«„“»][^«»“”]*[»“”«]?/g, '"…"')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_MESSAGE)

const untilColon = (message: string): string => message.split(': ', 1)[0]!
