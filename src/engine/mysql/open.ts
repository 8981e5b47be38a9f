// One connection attempt up to a session that can be asked: dial, then let the driver speak the protocol.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { authPlugins, type Connection, type ConnectionOptions, createConnection } from 'mysql2'
import { type Attempt, encrypt, phase, type Verification, withLogin } from '../../dial/index.ts'
import type { Login } from '../../model/index.ts'
import { classify } from './classify.ts'
import { dial } from './dial.ts'
import { greetingAfterTls, sslRequest } from './greeting.ts'
import type { MysqlTarget } from './target.ts'

export interface Session {
  client: Connection
  /** The stream the driver reads. */
  socket: Socket
  /** The server's id of this connection. */
  id: number
  /** How the server's certificate was checked; absent when nothing is encrypted. */
  verified?: Verification
  /** Ends politely; by force when the server does not answer. */
  close(): Promise<void>
}

export const APPLICATION = 'spillway'

/** How long a server may take to hear a goodbye, milliseconds. */
const GOODBYE_MS = 500

/** What the driver hands to the function that makes its stream. */
interface StreamRequest {
  config: { clientFlags: number; charsetNumber: number }
}

/** Opens one session. Throws native errors, DeadlineError, PeerError or AppError; `attempt` says how far it came. */
export const openSession = (target: MysqlTarget, attempt: Attempt): Promise<Session> =>
  withLogin(
    target.source,
    attempt,
    login => logIn(target, login, attempt),
    error => classify(error, attempt.phase).failure === 'authentication-failed',
  )

const logIn = async (target: MysqlTarget, login: Login | undefined, attempt: Attempt): Promise<Session> => {
  const { socket, greeting, tls } = await dial(target, attempt)
  let stream = socket
  const client = createConnection({
    ...optionsOf(target, login, tls !== undefined || target.host.startsWith('/')),
    stream: ({ config }: StreamRequest) => {
      if (tls !== undefined) {
        socket.write(sslRequest(config.clientFlags | 0, config.charsetNumber))
        stream = encrypt(socket, tls.options)
      }
      return stream
    },
  })
  // Between calls there is nobody to tell; the next call finds the session gone.
  client.on('error', () => stream.destroy())
  const giveUp = () => stream.destroy()
  try {
    if (tls !== undefined) {
      await phase(attempt, 'tls', () => once(stream, 'secureConnect'), giveUp)
      // The driver counts packets, and does not know of the one that asked for TLS.
      Object.assign(client, { sequenceId: 1 })
    }
    const loggedIn = once(client, 'connect')
    stream.unshift(tls === undefined ? greeting.bytes : greetingAfterTls(greeting))
    stream.resume()
    await phase(attempt, 'authenticate', () => loggedIn, giveUp)
  } catch (error) {
    stream.destroy()
    socket.destroy()
    throw error
  }
  const id = client.threadId
  return {
    client,
    socket: stream,
    id,
    ...(tls && { verified: tls.verified }),
    close: () => hangUp(client, stream),
  }
}

const optionsOf = (
  target: MysqlTarget,
  { user, password }: Partial<Login> = target,
  isSecure: boolean,
): ConnectionOptions => ({
  host: target.host,
  port: target.port,
  user: user ?? target.user,
  ...(password !== undefined && { password }),
  ...(target.database !== undefined && { database: target.database }),
  connectTimeout: 0, // deadlines are kept here
  multipleStatements: true, // of constant text: one round trip a sample
  dateStrings: true,
  supportBigNumbers: true,
  bigNumberStrings: true,
  // No server reads files of this machine.
  flags: ['-LOCAL_FILES'],
  connectAttributes: { program_name: APPLICATION },
  // The driver is not told of the encryption, for it would do it itself; these would ask for a key instead.
  authPlugins: isSecure ? SECURE_PLUGINS : {},
  enableCleartextPlugin: isSecure,
})

const SECURE_PLUGINS = {
  caching_sha2_password: authPlugins.caching_sha2_password({ overrideIsSecure: true }),
}

const hangUp = async (client: Connection, socket: Socket): Promise<void> => {
  if (socket.destroyed) return
  const timer = setTimeout(() => socket.destroy(), GOODBYE_MS)
  await new Promise<void>(done => {
    socket.once('close', () => done())
    client.end(() => socket.end())
  })
  clearTimeout(timer)
}
