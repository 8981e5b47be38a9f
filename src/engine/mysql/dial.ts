// From a host name to the server's greeting and an encrypted stream, phase by phase, each under a deadline. TLS is done
// here and not by the driver, which would hide both the time it takes and the codes it fails with.
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { isIP, Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import type { Phase } from '../../model/index.ts'
import { within } from './deadline.ts'
import { type Greeting, PeerError, readGreeting } from './greeting.ts'
import type { MysqlTarget } from './target.ts'

/** Longest time each phase may take, in milliseconds. */
const PHASE_MS: Record<Phase, number> = {
  resolve: 2_000,
  connect: 3_000,
  tls: 3_000,
  authenticate: 5_000,
  query: 2_000,
}

/** How far one attempt got. */
export interface Attempt {
  phase: Phase
  phaseMs: Partial<Record<Phase, number>>
  /** Bound of every phase, on top of its own. */
  boundMs: number
  signal: AbortSignal | undefined
  /** Address of this machine to connect from; the system chooses when absent. */
  from?: string
}

/** Times `work` as one phase of the attempt; `giveUp` runs when it is late. */
export const phase = async <T>(
  attempt: Attempt,
  name: Phase,
  work: (deadlineMs: number) => Promise<T>,
  giveUp: () => void,
): Promise<T> => {
  attempt.phase = name
  const start = performance.now()
  const ms = Math.min(PHASE_MS[name], attempt.boundMs)
  try {
    return await within(ms, attempt.signal, work(ms), giveUp)
  } finally {
    attempt.phaseMs[name] = performance.now() - start + (attempt.phaseMs[name] ?? 0)
  }
}

/** A stream that has heard the server's greeting and answered nothing yet. */
export interface Dialled {
  socket: Socket
  greeting: Greeting
  /** Absent when the connection is not to be encrypted. */
  trust?: ConnectionOptions
}

/**
 * MySQL speaks first: its greeting says whether it offers TLS, or that it takes nobody. Waiting for it is the first half
 * of the phase `tls`, or of `authenticate` where no TLS is wanted. Throws native errors, DeadlineError or PeerError.
 */
export const dial = async (target: MysqlTarget, attempt: Attempt): Promise<Dialled> => {
  const isPath = target.host.startsWith('/')
  if (isPath && attempt.from !== undefined) throw noAddress()
  const addresses = isPath
    ? ['']
    : await phase(attempt, 'resolve', () => resolve(target.host, attempt.from), ignore)
  let current: Socket | undefined
  const socket = await phase(
    attempt,
    'connect',
    async ms => {
      let failure: unknown
      for (const address of addresses) {
        current = new Socket()
        const place = isPath
          ? { path: target.host }
          : { host: address, port: target.port, ...(attempt.from && { localAddress: attempt.from }) }
        try {
          return await reach(current, place, ms / addresses.length, attempt.signal)
        } catch (error) {
          failure = error
        }
      }
      throw failure
    },
    () => current?.destroy(),
  )
  const wantsTls = !isPath && target.sslMode !== 'disabled'
  try {
    const hear = () => readGreeting(socket)
    const greeting = await phase(attempt, wantsTls ? 'tls' : 'authenticate', hear, () => socket.destroy())
    // A refusal instead of a greeting is the driver's to read.
    if (!wantsTls || greeting.refused) return { socket, greeting }
    if (greeting.offersTls) return { socket, greeting, trust: await trust(target) }
    if (target.sslMode === 'preferred') return { socket, greeting }
    throw new PeerError('tls-unsupported', 'the server offers no TLS')
  } catch (error) {
    socket.destroy()
    throw error
  }
}

const ignore = (): void => undefined

const noAddress = (): Error =>
  Object.assign(new Error('a Unix socket has no address to connect from'), { code: 'EADDRNOTAVAIL' })

/** Of the family of the address that is connected from, where that is given. */
const resolve = async (host: string, from = ''): Promise<string[]> =>
  isIP(host) !== 0
    ? [host]
    : (await lookup(host, { all: true, family: isIP(from) })).map(({ address }) => address)

const reach = (
  socket: Socket,
  place: { path: string } | { host: string; port: number; localAddress?: string },
  ms: number,
  signal: AbortSignal | undefined,
): Promise<Socket> => {
  socket.on('error', ignore) // whoever waits is told too; nobody waiting is no reason to crash
  socket.setNoDelay(true).setKeepAlive(true, 10_000)
  socket.connect(place)
  return within(
    ms,
    signal,
    once(socket, 'connect').then(() => socket),
    () => socket.destroy(),
  )
}

/** What each `ssl-mode` checks, as MySQL defines it; `required` checks the chain only when an authority is given. */
const trust = async (target: MysqlTarget): Promise<ConnectionOptions> => {
  const { sslMode, sslCa } = target
  const options: ConnectionOptions = isIP(target.host) === 0 ? { servername: target.host } : {}
  if (sslCa !== undefined) options.ca = await readFile(sslCa)
  if (sslMode === 'verify-identity') return { ...options, host: target.host }
  const chain = sslMode === 'verify-ca' || (sslMode === 'required' && sslCa !== undefined)
  return { ...options, rejectUnauthorized: chain, checkServerIdentity: () => undefined }
}

/** Asks for TLS and returns the stream that is about to be encrypted. */
export const encrypt = (socket: Socket, request: Buffer, trusted: ConnectionOptions): TLSSocket => {
  socket.write(request)
  const secure = connectTls({ socket, ...trusted })
  secure.on('error', ignore)
  return secure
}
