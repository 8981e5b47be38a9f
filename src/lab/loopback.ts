// The only address that servers of the lab listen on, and ports of it that nobody has.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

export const HOST = '127.0.0.1'

/** Free now; somebody else may take it before a server listens. */
export const freePort = async (): Promise<number> => {
  const listener = createServer().listen(0, HOST)
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, 'close')
  return port
}
