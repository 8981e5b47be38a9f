// From a target to the server's greeting, and to an encrypted stream. TLS is done here and not by the driver, which would
// hide both the time it takes and the codes it fails with.
import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { type Attempt, PeerError, phase, reach, tlsOptions, type Verification } from '../../dial/index.ts'
import { type Greeting, readGreeting } from './greeting.ts'
import { type MysqlTarget, trustOf } from './target.ts'

/** A stream that has heard the server's greeting and answered nothing yet. */
export interface Dialled {
  socket: Socket
  greeting: Greeting
  /** Absent when the connection is not to be encrypted. */
  tls?: { options: ConnectionOptions; verified: Verification }
}

/**
 * MySQL speaks first: its greeting says whether it offers TLS, or that it takes nobody. Waiting for it is the first half
 * of the phase `tls`, or of `authenticate` where no TLS is wanted. Throws native errors, DeadlineError, PeerError or
 * AppError `authority-unreadable`.
 */
export const dial = async (target: MysqlTarget, attempt: Attempt): Promise<Dialled> => {
  const { host, address, port, sslMode } = target
  const isPath = host.startsWith('/')
  const place = isPath ? { path: host } : { host, port, ...(address !== undefined && { address }) }
  const socket = await reach(place, attempt)
  const wantsTls = !isPath && sslMode !== 'disabled'
  try {
    const hear = () => readGreeting(socket)
    const greeting = await phase(attempt, wantsTls ? 'tls' : 'authenticate', hear, () => socket.destroy())
    // A refusal instead of a greeting is the driver's to read.
    if (!wantsTls || greeting.refused) return { socket, greeting }
    if (greeting.offersTls) {
      const trust = trustOf(target)
      return { socket, greeting, tls: { options: await tlsOptions(host, trust), verified: trust.verify } }
    }
    if (sslMode === 'preferred') return { socket, greeting }
    throw new PeerError('tls-unsupported', 'the server offers no TLS')
  } catch (error) {
    socket.destroy()
    throw error
  }
}
