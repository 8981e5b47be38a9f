// Native error → the common word for how a connection fails. Codes first; text only where one code has many meanings.
import { DeadlineError, PeerError } from '../../dial/index.ts'
import { AppError, type Failure, type NativeError, type Phase } from '../../model/index.ts'
import { NoPasswordError } from './password.ts'
import { poolerFailure } from './poolerfailure.ts'
import { serverFailure } from './serverfailure.ts'

export interface Classified {
  phase: Phase
  failure: Failure
  native: NativeError
}

/** Longest native message that is kept, in characters. */
const MAX_MESSAGE = 300

/** `triedTls`: whether TLS was asked for on this connection, where that is known. */
export const classify = (error: unknown, phase: Phase, triedTls?: boolean): Classified => {
  const native = nativeOf(error)
  return { phase, failure: failureOf(error, phase, native, triedTls), native }
}

const nativeOf = (error: unknown): NativeError => {
  const { code, message } = error as { code?: unknown; message?: unknown }
  const text = typeof message === 'string' ? message : String(error)
  return {
    code: typeof code === 'string' ? code : '',
    message: text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').slice(0, MAX_MESSAGE),
  }
}

const failureOf = (
  error: unknown,
  phase: Phase,
  native: NativeError,
  triedTls: boolean | undefined,
): Failure => {
  if (error instanceof DeadlineError) return LATE[phase]
  if (error instanceof PeerError) return error.kind
  if (error instanceof NoPasswordError) return 'authentication-failed'
  // Before the server was asked: authorities that cannot be read, a login that cannot be had.
  if (error instanceof AppError) return phase === 'tls' ? 'tls-certificate' : 'authentication-failed'
  const { code, message } = native
  if (code === '08P01') return poolerFailure(message)
  const { routine } = error as { routine?: string }
  const said = serverFailure({ code, message, routine, triedTls })
  if (said !== undefined) return said
  const known = BY_CODE[code]
  if (known !== undefined) return known
  if (phase === 'connect' && code === 'ENOENT') return 'connection-refused' // no such socket file
  if (phase === 'tls') return tlsFailure(native)
  if (phase === 'resolve') return 'name-not-resolved'
  // The driver gives no code when the peer hangs up.
  if (code === '' && /Connection terminated/.test(message))
    return phase === 'query' ? 'session-ended' : 'connection-reset'
  if (code === '' && /^SASL/.test(message)) return 'authentication-failed'
  return phase === 'query' && isSqlState(code) ? 'query-failed' : 'unclassified'
}

const LATE: Record<Phase, Failure> = {
  resolve: 'name-not-resolved',
  connect: 'connect-timeout',
  tls: 'handshake-timeout',
  authenticate: 'handshake-timeout',
  query: 'query-timeout',
}

/** What is no fault of the handshake is one of the certificate: Node has some thirty codes for those. */
const tlsFailure = ({ code, message }: NativeError): Failure => {
  if (/wrong version number/i.test(message)) return 'not-this-protocol'
  return /^(ERR_SSL|EPROTO)/.test(code) ? 'tls-unsupported' : 'tls-certificate'
}

const BY_CODE: Record<string, Failure> = {
  ENOTFOUND: 'name-not-resolved',
  EAI_AGAIN: 'name-not-resolved',
  EAI_FAIL: 'name-not-resolved',
  EAI_NODATA: 'name-not-resolved',
  EAI_NONAME: 'name-not-resolved',
  ECONNREFUSED: 'connection-refused',
  ETIMEDOUT: 'connect-timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ECONNRESET: 'connection-reset',
  EPIPE: 'connection-reset',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not-this-protocol',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not-this-protocol',
  '28P01': 'authentication-failed',
  '3D000': 'database-unknown',
  '42501': 'not-permitted', // no CONNECT privilege on the database
  '55000': 'not-permitted', // the database accepts no connections
  '53100': 'query-failed',
  '53200': 'out-of-memory',
  '57014': 'query-timeout',
  '57P01': 'session-ended',
  '57P02': 'session-ended',
  '57P05': 'session-ended',
  '25P03': 'session-ended',
  '25P04': 'session-ended',
}

export const isSqlState = (code: string): boolean => /^(?=.*\d)[0-9A-Z]{5}$/.test(code)
