// From a name to an open socket: resolve and connect, each timed and bounded.
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { isIP, Socket } from 'node:net'
import { type Attempt, phase } from './attempt.ts'
import { within } from './deadline.ts'

/** A Unix socket, or a host; `address` stands in for what its name resolves to. */
export type Place = { path: string } | { host: string; address?: string; port: number }

/** Every address of the name is tried, in the resolver's order, with its share of the time. Throws native errors or DeadlineError. */
export const reach = async (place: Place, attempt: Attempt): Promise<Socket> => {
  const places = 'path' in place ? [place] : await phase(attempt, 'resolve', () => resolve(place), ignore)
  let current: Socket | undefined
  return phase(
    attempt,
    'connect',
    async ms => {
      let failure: unknown
      for (const one of places) {
        current = new Socket()
        try {
          return await open(current, one, ms / places.length, attempt.signal)
        } catch (error) {
          failure = error
        }
      }
      throw failure
    },
    () => current?.destroy(),
  )
}

const ignore = (): void => undefined

type Address = { path: string } | { host: string; port: number }

const resolve = async ({ host, address, port }: Exclude<Place, { path: string }>): Promise<Address[]> => {
  const known = address ?? host
  if (isIP(known) !== 0) return [{ host: known, port }]
  return (await lookup(known, { all: true })).map(found => ({ host: found.address, port }))
}

const open = (
  socket: Socket,
  address: Address,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<Socket> => {
  socket.on('error', ignore) // whoever waits is told too; nobody waiting is no reason to crash
  socket.setNoDelay(true).setKeepAlive(true, 10_000)
  socket.connect(address)
  return within(
    ms,
    signal,
    once(socket, 'connect').then(() => socket),
    () => socket.destroy(),
  )
}
