// Classified failure → the one line and the hint an operator gets: what every engine says in the same words.
import { AppError, type ErrorCode, type Failure, type LoginSource, type NativeError } from '../model/index.ts'
import { bundleUrl, isRdsHost, rdsRegion } from './trust.ts'

/** What is said of one failure. */
interface Answer {
  code: ErrorCode
  what: string
  hint: string
}

/** By failure; a function where it takes the target, or the native error, to say it. */
export type Answers<Target> = Record<Failure, Answer | ((target: Target, native: NativeError) => Answer)>

/** `user@host: what (native code: native message)`; an error that is in our own words already stays as it is. */
export const explained = <Target extends { name: string }>(
  answers: Answers<Target>,
  { failure, native }: { failure: Failure; native: NativeError },
  target: Target,
  cause: unknown,
): AppError => {
  if (cause instanceof AppError) return cause
  const own = OWN.find(({ code }) => code === native.code)
  if (own !== undefined) return new AppError(own.code, native.message, own.hint, cause)
  const answer = answers[failure]
  const { code, what, hint } = typeof answer === 'function' ? answer(target, native) : answer
  const prefix = native.code === '' ? '' : `${native.code}: `
  return new AppError(code, `${target.name}: ${what} (${prefix}${native.message})`, hint, cause)
}

/** Failures before the server was asked. A probe keeps only their code and message. */
const OWN: { code: ErrorCode; hint: string }[] = [
  { code: 'authority-unreadable', hint: 'name a PEM file with --ssl-ca FILE (sslrootcert, ssl-ca)' },
  { code: 'credentials-missing', hint: 'see aws sts get-caller-identity; --profile NAME chooses others' },
  { code: 'secret-unreadable', hint: 'see aws secretsmanager get-secret-value for the same secret' },
]

/** What an engine's words are where they differ. */
interface Wording {
  /** Name of the protocol, and the port it is spoken on by default. */
  protocol: string
  port: number
  /** The setting that says where the server listens. */
  listen: string
  /** How a target asks for a connection without TLS. */
  withoutTls: string
  /** How a target asks for the signatures alone to be checked. */
  chainOnly: string
  /** What else hangs up in the handshake. */
  hangsUp: string
}

/** Before the server has looked at who asks. */
export const onTheWay = ({ protocol, port, listen, withoutTls, chainOnly, hangsUp }: Wording) =>
  ({
    'name-not-resolved': {
      code: 'host-unknown',
      what: 'the host name is not known',
      hint: 'check the spelling and the DNS',
    },
    'connection-refused': {
      code: 'unreachable',
      what: 'nothing listens there',
      hint: `check host and port, and whether the server runs and ${listen}`,
    },
    'client-pool-timeout': {
      code: 'no-answer',
      what: 'a pool on the way had no connection free in time',
      hint: 'see who holds its connections; the server itself was not asked',
    },
    'connect-timeout': {
      code: 'no-answer',
      what: 'no answer to the connection attempt',
      hint: 'a firewall or security group drops it, or the host is down',
    },
    unreachable: {
      code: 'unreachable',
      what: 'the host cannot be reached',
      hint: 'check the route, the VPN and the firewall',
    },
    'connection-reset': {
      code: 'connection-lost',
      what: 'the peer closed the connection during the handshake',
      hint: `see the server log; ${hangsUp} does this as well`,
    },
    'handshake-timeout': {
      code: 'no-answer',
      what: 'the peer accepted the connection and then never answered',
      hint: 'the server hangs or is starved, or something else listens on this port',
    },
    'not-this-protocol': {
      code: 'not-this-engine',
      what: `the peer does not speak the ${protocol} protocol`,
      hint: `check the port, ${port} by default`,
    },
    'tls-unsupported': {
      code: 'tls-failed',
      what: 'TLS could not be agreed on',
      hint: `${withoutTls} connects without it`,
    },
    'tls-certificate': ({ host }: { host: string }, { code }: NativeError): Answer => ({
      code: 'tls-failed',
      ...certificate(host, code, chainOnly),
    }),
  }) satisfies Partial<Answers<{ name: string; host: string }>>

/** What the server says of itself, in the same words everywhere. */
export const ofTheServer = {
  'host-blocked': { code: 'denied', what: 'the server has blocked this host', hint: 'see the server log' },
  'database-limit': {
    code: 'no-free-slot',
    what: 'the database has as many connections as it may',
    hint: 'see its limits',
  },
  'server-starting': {
    code: 'not-ready',
    what: 'the server is starting or recovering',
    hint: 'try again in a moment',
  },
  'server-stopping': {
    code: 'not-ready',
    what: 'the server is shutting down',
    hint: 'try again when it is up',
  },
  'session-ended': {
    code: 'connection-lost',
    what: 'the server ended the session',
    hint: 'see the server log',
  },
  'out-of-memory': {
    code: 'not-ready',
    what: 'the server has no memory for another connection',
    hint: 'see the server log',
  },
  'query-failed': { code: 'connection-lost', what: 'the first statement failed', hint: 'see the server log' },
  'query-timeout': {
    code: 'no-answer',
    what: 'the first statement was not answered in time',
    hint: 'the server hangs',
  },
  unclassified: { code: 'unreachable', what: 'the connection failed', hint: 'see the message in brackets' },
} satisfies Partial<Answers<object>>

/** A refused login, told by how it was meant to be made; `otherwise` is for a password out of the target. */
export const refusedLogin =
  (otherwise: string, iamRole: string) =>
  ({ source }: { source?: LoginSource }): Answer => {
    if (source?.kind === 'iam') {
      return {
        code: 'denied',
        what: 'the server takes no token of IAM for this user',
        hint: `it needs IAM database authentication on the instance, rds-db:connect for the identity, and ${iamRole}`,
      }
    }
    return source?.kind === 'secret'
      ? {
          code: 'denied',
          what: 'the server takes neither the password of the secret nor a newer one',
          hint: 'see whether the rotation of the secret failed, and whether it is a secret of this database',
        }
      : { code: 'denied', what: 'user or password is wrong', hint: otherwise }
  }

const certificate = (host: string, code: string, chainOnly: string): Omit<Answer, 'code'> => {
  if (code === 'CERT_HAS_EXPIRED')
    return { what: 'the certificate has expired', hint: 'renew it on the server; check the clock here' }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return {
      what: 'the certificate is for another host',
      hint: `name the host as the certificate does (hostaddr says where it is), or check who signed it only: ${chainOnly}`,
    }
  const region = rdsRegion(host)
  return {
    what: 'the certificate is not trusted',
    hint:
      isRdsHost(host) && region !== undefined
        ? `the authorities of ${region} may be newer than Spillway: get ${bundleUrl(region)} and add --ssl-ca FILE`
        : 'name the authority that signed it with --ssl-ca FILE',
  }
}
