// From a target to a stream the PostgreSQL protocol can begin on: resolve, connect, TLS, each timed and bounded.
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { isIP, Socket } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { Phase } from '../../model/index.ts'
import { within } from './deadline.ts'
import type { PostgresTarget } from './target.ts'

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

/** The peer answered, but not as PostgreSQL does. */
export class PeerError extends Error {
  readonly kind: 'not-this-protocol' | 'tls-unsupported' | 'out-of-memory'

  constructor(kind: PeerError['kind'], message: string) {
    super(message)
    this.name = 'PeerError'
    this.kind = kind
  }
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
    attempt.phaseMs[name] = performance.now() - start
  }
}

/** A stream to the server, encrypted as `sslMode` asks for. Throws native errors, DeadlineError or PeerError. */
export const dial = async (target: PostgresTarget, attempt: Attempt): Promise<Socket> => {
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
          ? { path: join(target.host, `.s.PGSQL.${target.port}`) }
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
  if (isPath || target.sslMode === 'disable') return socket
  return phase(
    attempt,
    'tls',
    () => encrypt(socket, target),
    () => socket.destroy(),
  )
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

/** SSLRequest of the protocol: length 8, code 80877103. The server answers with one byte. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

const encrypt = async (socket: Socket, target: PostgresTarget): Promise<Socket> => {
  try {
    socket.write(SSL_REQUEST)
    const answer = await firstBytes(socket)
    const offered = answer.toString('latin1')
    if (offered === 'S') {
      const secure = connectTls({ socket, ...(await trust(target)) })
      secure.on('error', ignore)
      await once(secure, 'secureConnect')
      return secure
    }
    if (offered !== 'N') throw unexpected(answer)
    if (target.sslMode === 'prefer' || target.sslMode === 'allow') return socket
    throw new PeerError('tls-unsupported', 'the server offers no TLS')
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** Resolves with the first chunk and pauses the stream; rejects when the peer closes instead. */
const firstBytes = (socket: Socket): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const onClose = () =>
      reject(Object.assign(new Error('the peer closed the connection'), { code: 'ECONNRESET' }))
    socket.once('error', reject)
    socket.once('close', onClose)
    socket.once('end', onClose)
    socket.once('data', (chunk: Buffer) => {
      socket.pause()
      socket.off('error', reject).off('close', onClose).off('end', onClose)
      resolve(chunk)
    })
  })

/** What a peer said that does not speak the protocol, or no longer can. */
export const unexpected = (bytes: Buffer): PeerError => {
  const said = bytes
    .subarray(0, 60)
    .toString('latin1')
    .replace(/[^ -~]+/g, ' ')
    .trim()
  // A postmaster that cannot fork says so in the oldest protocol: E, text, zero.
  const kind = /^Ecould not fork/.test(said) ? 'out-of-memory' : 'not-this-protocol'
  return new PeerError(kind, `the peer answered ${JSON.stringify(said)}`)
}

/** What each `sslmode` checks, as libpq defines it; `require` checks the chain only when a root is given. */
const trust = async (target: PostgresTarget): Promise<ConnectionOptions> => {
  const { sslMode, sslRootCert: root } = target
  const options: ConnectionOptions = isIP(target.host) === 0 ? { servername: target.host } : {}
  if (root !== undefined && root !== 'system') options.ca = await readFile(root)
  const full = sslMode === 'verify-full' || root === 'system'
  const chain = full || sslMode === 'verify-ca' || (sslMode === 'require' && root !== undefined)
  if (full) return { ...options, host: target.host }
  return { ...options, rejectUnauthorized: chain, checkServerIdentity: () => undefined }
}
