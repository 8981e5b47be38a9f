// Native error → the common word for how a connection fails. Numbers first; text only where one number has many meanings.
// https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html · https://mariadb.com/docs/server/reference/error-codes
import { DeadlineError, PeerError } from '../../dial/index.ts'
import { AppError, type Failure, type NativeError, type Phase } from '../../model/index.ts'

export interface Classified {
  phase: Phase
  failure: Failure
  native: NativeError
}

/** Longest native message that is kept, in characters. */
const MAX_MESSAGE = 300

export const classify = (error: unknown, phase: Phase): Classified => {
  const native = nativeOf(error)
  return { phase, failure: failureOf(error, phase, native), native }
}

/** An error of the server carries a positive number, one of the machine a name, one of the driver a name of its own. */
const nativeOf = (error: unknown): NativeError => {
  const { code, errno, message } = error as { code?: unknown; errno?: unknown; message?: unknown }
  const text = typeof message === 'string' ? message : String(error)
  const name = typeof code === 'string' ? code : ''
  return {
    code: typeof errno === 'number' && errno > 0 ? String(errno) : name,
    message: text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').slice(0, MAX_MESSAGE),
  }
}

const failureOf = (error: unknown, phase: Phase, native: NativeError): Failure => {
  if (error instanceof DeadlineError) return LATE[phase]
  if (error instanceof PeerError) return error.kind
  // Before the server was asked: authorities that cannot be read, a login that cannot be had.
  if (error instanceof AppError) return phase === 'tls' ? 'tls-certificate' : 'authentication-failed'
  const { code, message } = native
  if (code === '1040') return slotFailure(message, (error as { sqlState?: unknown }).sqlState)
  const known = BY_CODE[code]
  if (known !== undefined) return known
  if (phase === 'connect' && code === 'ENOENT') return 'connection-refused' // no such socket file
  if (phase === 'tls') return tlsFailure(native)
  if (phase === 'resolve') return 'name-not-resolved'
  if (isServerCode(code)) return phase === 'query' ? 'query-failed' : 'unclassified'
  // The driver's own word for a peer that hangs up.
  if (code === 'PROTOCOL_CONNECTION_LOST' || /closed state|Connection lost/.test(message)) {
    return phase === 'query' ? 'session-ended' : 'connection-reset'
  }
  return 'unclassified'
}

const LATE: Record<Phase, Failure> = {
  resolve: 'name-not-resolved',
  connect: 'connect-timeout',
  tls: 'handshake-timeout',
  authenticate: 'handshake-timeout',
  query: 'query-timeout',
}

/**
 * One slot is kept for an administrator. While it is free the refusal comes after the login, with SQLSTATE 08004; when
 * it is taken too, it comes instead of a greeting, with none. RDS Proxy has limits of its own under the same number.
 */
const slotFailure = (message: string, sqlState: unknown): Failure => {
  if (/rate limit/i.test(message)) return 'role-limit'
  return sqlState === '08004' && /Too many connections/i.test(message)
    ? 'reserved-slots-only'
    : 'slots-exhausted'
}

/** What is no fault of the handshake is one of the certificate: Node has some thirty codes for those. */
const tlsFailure = ({ code, message }: NativeError): Failure => {
  if (/wrong version number|packet length too long/i.test(message)) return 'not-this-protocol'
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
  HANDSHAKE_NO_SSL_SUPPORT: 'tls-unsupported',
  AUTH_SWITCH_PLUGIN_ERROR: 'authentication-failed',
  MYSQL_CLEAR_PASSWORD_NOT_ENABLED: 'authentication-failed',
  '1041': 'out-of-memory',
  '1042': 'not-permitted', // the client's address has no name, and the server wants one
  '1043': 'connection-reset', // bad handshake
  '1044': 'not-permitted', // no right on the database; also for one that does not exist
  '1045': 'authentication-failed', // also an account that requires TLS, asked without it
  '1049': 'database-unknown',
  '1053': 'server-stopping',
  '1079': 'server-stopping',
  '1129': 'host-blocked',
  '1130': 'not-permitted', // no account for this host
  '1135': 'out-of-memory',
  '1158': 'connection-reset',
  '1159': 'handshake-timeout',
  '1160': 'connection-reset',
  '1161': 'handshake-timeout',
  '1203': 'role-limit',
  '1226': 'role-limit',
  '1251': 'authentication-failed',
  '1317': 'query-timeout',
  '1524': 'authentication-failed', // plugin not loaded
  '1698': 'authentication-failed',
  '1820': 'authentication-failed', // the password has expired
  '1862': 'authentication-failed',
  '1927': 'session-ended', // MariaDB: connection was killed
  '1969': 'query-timeout',
  '2006': 'session-ended',
  '2013': 'session-ended',
  '3024': 'query-timeout',
  '3032': 'not-permitted', // offline mode
  '3118': 'not-permitted', // account locked
  '3159': 'tls-required',
  '3168': 'server-starting',
  '3955': 'not-permitted', // account blocked after failed logins
  '4031': 'session-ended',
  '4151': 'not-permitted', // MariaDB: account locked
  '9501': 'slots-exhausted', // RDS Proxy could not borrow a connection
}

export const isServerCode = (code: string): boolean => /^\d{4,5}$/.test(code)
