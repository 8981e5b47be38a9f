// From an open socket to an encrypted stream.
import { isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { contextOf } from './authority.ts'
import type { Trust } from './trust.ts'

/** How to encrypt to `host`. Throws AppError `authority-unreadable`. */
export const tlsOptions = async (host: string, trust: Trust): Promise<ConnectionOptions> => {
  const secureContext = trust.verify === 'none' ? undefined : await contextOf(trust)
  return {
    // No server is known by an address: the extension has no room for one.
    ...(isIP(host) === 0 && { servername: host }),
    ...(secureContext && { secureContext }),
    host,
    rejectUnauthorized: trust.verify !== 'none',
    ...(trust.verify !== 'name' && { checkServerIdentity: () => undefined }),
  }
}

/** The stream that is about to be encrypted; `secureConnect` says that it is. */
export const encrypt = (socket: Socket, options: ConnectionOptions): TLSSocket => {
  const secure = connect({ ...options, socket })
  secure.on('error', () => undefined) // whoever waits is told too
  return secure
}
