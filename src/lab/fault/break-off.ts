// A client of the server's own kind that greets and goes: a port scan, a health check, a broken driver.
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Done, Shop, Step } from './step.ts'

const HEAR_MS = 10_000

export const breakOff = async ({ times }: Step<'break-off'>, { address }: Shop): Promise<Done> => {
  const signal = AbortSignal.timeout(HEAR_MS)
  const sockets = Array.from({ length: times }, () =>
    connect(address.port, address.host).on('error', () => undefined),
  )
  await Promise.all(sockets.map(socket => once(socket, 'data', { signal })))
  // All at once: whoever gets in between two of them makes the server forget the one before.
  for (const socket of sockets) socket.end()
  await Promise.all(sockets.map(socket => once(socket, 'close', { signal })))
  return { undo: async () => undefined }
}
