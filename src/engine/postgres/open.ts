// One connection attempt up to a session that can be asked: dial, then let the driver speak the protocol.
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import pg from 'pg'
import { type Attempt, phase, type Verification, withLogin } from '../../dial/index.ts'
import type { Login } from '../../model/index.ts'
import { classify } from './classify.ts'
import { dial, unexpected } from './dial.ts'
import { passwordOf } from './password.ts'
import type { PostgresTarget } from './target.ts'

export interface Session {
  client: pg.Client
  socket: Socket
  /** How the server's certificate was checked; absent when nothing is encrypted. */
  verified?: Verification
  /** Ends politely; by force when the server does not answer. */
  close(): Promise<void>
}

export const APPLICATION = 'spillway'

/** How long a server may take to hear a goodbye, milliseconds. */
const GOODBYE_MS = 500

/**
 * Opens one session. `settings` become the session's own, sent with the first message, so that no statement runs
 * without them. Throws native errors, DeadlineError, PeerError or AppError; `attempt` says how far it came.
 */
export const openSession = (
  target: PostgresTarget,
  settings: Record<string, string | number>,
  attempt: Attempt,
): Promise<Session> =>
  withLogin(
    target.source,
    attempt,
    login => logIn(target, login, settings, attempt),
    error => classify(error, attempt.phase).failure === 'authentication-failed',
  )

const logIn = async (
  target: PostgresTarget,
  login: Login | undefined,
  settings: Record<string, string | number>,
  attempt: Attempt,
): Promise<Session> => {
  const { socket, verified } = await dial(target, attempt)
  const client = new pg.Client({
    host: target.host,
    port: target.port,
    user: login?.user ?? target.user,
    database: target.database,
    password: () => login?.password ?? passwordOf(target),
    ssl: false, // done by dial()
    sslnegotiation: 'postgres',
    application_name: APPLICATION,
    options: serverOptions(target.options, settings),
    stream: () => adopt(socket),
  })
  // Between calls there is nobody to tell; the next call finds the session gone.
  client.on('error', () => socket.destroy())
  const foreign = foreignAnswer(socket)
  const loggedIn = () => Promise.race([foreign, client.connect()])
  await phase(attempt, 'authenticate', loggedIn, () => socket.destroy()).catch(error => {
    socket.destroy()
    throw error
  })
  return { client, socket, ...(verified && { verified }), close: () => hangUp(client, socket) }
}

const serverOptions = (own: string | undefined, settings: Record<string, string | number>): string =>
  [own ?? '', ...Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)].join(' ').trim()

/** The driver wants to connect its stream itself; this one is connected already. */
const adopt = (socket: Socket): Duplex =>
  Object.assign(socket, {
    connect: () => {
      process.nextTick(() => {
        socket.emit('connect')
        socket.resume()
      })
      return socket
    },
  })

/** Authentication request, error, notice, protocol negotiation. */
const FIRST_MESSAGES = 'RENv'
/** No first message is this long: what looks like a length is text of another protocol. */
const MAX_FIRST_MESSAGE = 1_000_000

/** Rejects with PeerError: the driver would wait for ever for the rest of a message that another protocol never sends. */
const foreignAnswer = (socket: Socket): Promise<never> =>
  new Promise((_, reject) => {
    socket.once('data', (chunk: Buffer) => {
      const type = String.fromCharCode(chunk[0] ?? 0)
      const plausible = chunk.length < 5 || chunk.readUInt32BE(1) < MAX_FIRST_MESSAGE
      if (!FIRST_MESSAGES.includes(type) || !plausible) reject(unexpected(chunk))
    })
  })

const hangUp = async (client: pg.Client, socket: Socket): Promise<void> => {
  if (socket.destroyed) return
  const timer = setTimeout(() => socket.destroy(), GOODBYE_MS)
  await client.end().catch(() => undefined)
  clearTimeout(timer)
  socket.destroy()
}
