// From a target to a stream the PostgreSQL protocol can begin on: reach it, ask for TLS, encrypt.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import {
  type Attempt,
  encrypt,
  firstBytes,
  PeerError,
  phase,
  reach,
  said,
  tlsOptions,
  type Verification,
} from '../../dial/index.ts'
import { type PostgresTarget, trustOf } from './target.ts'

export interface Dialled {
  socket: Socket
  /** Absent when the stream is not encrypted. */
  verified?: Verification
}

/** Encrypted as `sslMode` asks for. Throws native errors, DeadlineError, PeerError or AppError `authority-unreadable`. */
export const dial = async (target: PostgresTarget, attempt: Attempt): Promise<Dialled> => {
  const { host, address, port, sslMode } = target
  const isPath = host.startsWith('/')
  const place = isPath
    ? { path: join(host, `.s.PGSQL.${port}`) }
    : { host, port, ...(address !== undefined && { address }) }
  const socket = await reach(place, attempt)
  if (isPath || sslMode === 'disable') return { socket }
  const giveUp = () => socket.destroy()
  try {
    return await phase(attempt, 'tls', () => secured(socket, target), giveUp)
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** SSLRequest of the protocol: length 8, code 80877103. The server answers with one byte. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

const secured = async (socket: Socket, target: PostgresTarget): Promise<Dialled> => {
  const trust = trustOf(target)
  const options = await tlsOptions(target.host, trust)
  socket.write(SSL_REQUEST)
  const answer = await firstBytes(socket, bytes => bytes)
  const offered = answer.toString('latin1')
  if (offered === 'S') {
    const secure = encrypt(socket, options)
    await once(secure, 'secureConnect')
    return { socket: secure, verified: trust.verify }
  }
  if (offered !== 'N') throw unexpected(answer)
  if (target.sslMode === 'prefer' || target.sslMode === 'allow') return { socket }
  throw new PeerError('tls-unsupported', 'the server offers no TLS')
}

/** What a peer said that does not speak the protocol, or no longer can. */
export const unexpected = (bytes: Buffer): PeerError => {
  const text = said(bytes)
  // A postmaster that cannot fork says so in the oldest protocol: E, text, zero.
  const kind = /^Ecould not fork/.test(text) ? 'out-of-memory' : 'not-this-protocol'
  return new PeerError(kind, `the peer answered ${JSON.stringify(text)}`)
}
