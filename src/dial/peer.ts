// Peers that answer, but not as the protocol has it.
import type { Socket } from 'node:net'

/** The peer answered, but not as the engine does. */
export class PeerError extends Error {
  readonly kind: 'not-this-protocol' | 'tls-unsupported' | 'out-of-memory'

  constructor(kind: PeerError['kind'], message: string) {
    super(message)
    this.name = 'PeerError'
    this.kind = kind
  }
}

/** The beginning of what was received, as text that can be shown. */
export const said = (bytes: Buffer): string =>
  bytes
    .subarray(0, 60)
    .toString('latin1')
    .replace(/[^ -~]+/g, ' ')
    .trim()

/**
 * Gathers what the peer says first until `take` makes something of it, and pauses the stream. Rejects when the peer
 * closes before, and with what `take` throws.
 */
export const firstBytes = <T>(socket: Socket, take: (bytes: Buffer) => T | undefined): Promise<T> =>
  new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0)
    const settle = () => {
      socket.pause()
      socket.off('error', fail).off('close', onClose).off('end', onClose).off('data', onData)
    }
    const fail = (error: unknown) => {
      settle()
      reject(error)
    }
    const onClose = () =>
      fail(Object.assign(new Error('the peer closed the connection'), { code: 'ECONNRESET' }))
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      try {
        const taken = take(bytes)
        if (taken === undefined) return
        settle()
        resolve(taken)
      } catch (error) {
        fail(error)
      }
    }
    socket.once('error', fail).once('close', onClose).once('end', onClose).on('data', onData)
  })
