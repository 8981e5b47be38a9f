// From a name to an open socket: resolve and connect, each timed and bounded.
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { isIP, Socket } from 'node:net'
import { type Attempt, phase } from './attempt.ts'
import { within } from './deadline.ts'

/** A Unix socket, or a host; `address` stands in for what its name resolves to. */
export type Place = { path: string } | { host: string; address?: string; port: number }

/**
 * Every address of the name is tried, in the resolver's order, with its share of the time. Throws native errors (EADDRNOTAVAIL
 * where a Unix socket is to be reached from an address) or DeadlineError.
 */
export const reach = async (place: Place, attempt: Attempt): Promise<Socket> => {
  const isPath = 'path' in place
  if (isPath && attempt.from !== undefined) throw noAddress()
  const places = isPath
    ? [place]
    : await phase(attempt, 'resolve', () => resolve(place, attempt.from), ignore)
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

const noAddress = (): Error =>
  Object.assign(new Error('a Unix socket has no address to connect from'), { code: 'EADDRNOTAVAIL' })

type Address = { path: string } | { host: string; port: number; localAddress?: string }

/** Of the family of the address that is connected from, where that is given. */
const resolve = async (
  { host, address, port }: Exclude<Place, { path: string }>,
  from: string | undefined,
): Promise<Address[]> => {
  const known = address ?? host
  const rest = { port, ...(from !== undefined && { localAddress: from }) }
  if (isIP(known) !== 0) return [{ host: known, ...rest }]
  const found = await lookup(known, { all: true, family: isIP(from ?? '') })
  return found.map(one => ({ host: one.address, ...rest }))
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
