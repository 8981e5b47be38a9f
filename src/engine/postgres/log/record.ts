// What an entry of the log says of clients: a failed connection, an opened one, or what happened to the server.
import type { Content, LogRecord } from '../../../log/index.ts'
import type { Entry } from './entry.ts'
import { poolerContentOf } from './pgbouncer.ts'
import { refusalOf } from './refusal.ts'
import { timeOf } from './time.ts'

/** What has no time of its own, or one of an unknown zone, gets the one it was read at; without that it is left out. */
export const recordOf = (entry: Entry, readAt: number | undefined): LogRecord | 'timeless' | undefined => {
  const found = entry.pooler === undefined ? contentOf(entry) : poolerContentOf(entry)
  if (!found) return undefined
  const t = timeOf(entry.time) ?? readAt
  return t === undefined ? 'timeless' : { t, ...found }
}

const contentOf = (entry: Entry): Content | undefined => {
  const { message, code } = entry
  if (message.startsWith('connection ')) {
    if (message.startsWith('connection received: ')) return { kind: 'received' }
    if (message.startsWith('connection authorized: ')) return { kind: 'authorized' }
  }
  const refusal = refusalOf(entry)
  // A connection that failed for it is counted as one.
  const isFull = !refusal && (code === DISK_FULL || NO_SPACE.test(message))
  const event = isFull ? FULL : EVENTS.find(([pattern]) => pattern.test(message))
  if (event)
    return {
      kind: 'event',
      source: 'log',
      event: event[1],
      message: message.replace(PID, '').slice(0, MAX_MESSAGE),
    }
  if (!refusal || entry.application === OWN) return undefined
  const { failure, native, vague } = refusal
  return { kind: 'failure', failure: { source: 'log', failure, native, ...who(entry) }, vague }
}

const OWN = 'spillway'
const MAX_MESSAGE = 200
const PID = / \(PID \d+\)/

/** SQLSTATE disk_full. */
const DISK_FULL = '53100'
const NO_SPACE = /: No space left on device/
const FULL = [NO_SPACE, 'storage-full'] as const

const EVENTS: [RegExp, string][] = [
  [/^database system is ready to accept (?:read-only )?connections/, 'server-ready'],
  [/^received (?:smart|fast|immediate) shutdown request/, 'server-stopping'],
  [/^database system is shut down/, 'server-stopped'],
  // PostgreSQL 18 says what kind of process it was.
  [/^[\w ]+ \(PID \d+\) was terminated by signal/, 'backend-crashed'],
  [/^all server processes terminated; reinitializing/, 'server-restarting'],
]

type Who = Pick<Entry, 'user' | 'database' | 'application' | 'host'>

/** Out of the prefix; where that has it not, out of the English text. */
const who = (entry: Entry): Who => {
  const { message } = entry
  const user = entry.user ?? USER.exec(message)?.[1]
  const database = entry.database ?? DATABASE.exec(message)?.[1]
  const host = entry.host ?? HOST.exec(message)?.[1]
  return {
    ...(user === undefined ? {} : { user }),
    ...(database === undefined ? {} : { database }),
    ...(host === undefined ? {} : { host: host === '[local]' ? 'local' : host }),
    ...(entry.application === undefined ? {} : { application: entry.application }),
  }
}

const NAME = String.raw`"([^"\p{Cc}\p{Cf}]{1,64})"`
const USER = new RegExp(`(?:for role|for user|^role|, user) ${NAME}`, 'u')
const DATABASE = new RegExp(`(?:for database|^database|, database) ${NAME}`, 'u')
const HOST = new RegExp(`for host ${NAME}`, 'u')
