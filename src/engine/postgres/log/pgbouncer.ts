// PgBouncer's own log, from a file: a line for each client it refused, and for each refusal that it met at the server.
// https://github.com/pgbouncer/pgbouncer/blob/master/lib/usual/logging.c and src/objects.c

import type { Content } from '../../../log/index.ts'
import { classify } from '../classify.ts'
import { type Entry, type Format, whoOf } from './entry.ts'
import { withoutNames } from './refusal.ts'

/** As PostgreSQL's `%m [%p] `, but for a level that one blank and no colon follows. */
export const PGBOUNCER_START =
  /^(?<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \S{1,10}) \[\d+\] (?<severity>LOG|WARNING|ERROR|FATAL|DEBUG|NOISE) (?!\s)/

/** Whom it is about: a client or a server connection, `database/user@address:port`. */
const SOCKET =
  /^(?<side>[CS])-0x[0-9a-f]+: (?<database>.{1,64}?)\/(?<user>.{1,128}?)@(?<host>unix(?:\(\d+\))?|[^\s@]{2,64}?):\d+ (?=\S)/u

/** Of a line. */
const MAX_LENGTH = 2_000

export const pgbouncerFormat = (): Format => ({ name: 'pgbouncer', read: entryOf, restart: () => undefined })

const entryOf = (text: string): Entry | undefined => {
  const line = text.slice(0, MAX_LENGTH)
  const start = PGBOUNCER_START.exec(line)
  if (start === null) return undefined
  const { time = '', severity = '' } = start.groups!
  const rest = line.slice(start[0].length)
  const socket = SOCKET.exec(rest)
  const { side, database, user, host } = socket?.groups ?? {}
  const who = side === 'C' ? { database: known(database), user: known(user), host: addressOf(host!) } : {}
  return {
    time,
    severity,
    code: '',
    message: rest.slice(socket?.[0].length ?? 0),
    session: '',
    pooler: side === 'C' ? 'client' : 'server',
    ...whoOf({ application: undefined, database: undefined, user: undefined, host: undefined, ...who }),
  }
}

const known = (name: string | undefined) => (name === '(nodb)' || name === '(nouser)' ? undefined : name)

const addressOf = (host: string): string =>
  host.startsWith('unix') ? '[local]' : host.replace(/^\[(.*)\]$/, '$1')

/** What the entry says; undefined when that is nothing. */
export const poolerContentOf = (entry: Entry): Content | undefined => {
  const { message, pooler, user, database, host } = entry
  const refused = pooler === 'client' ? /^pooler error: (.*)/su.exec(message)?.[1] : undefined
  if (refused !== undefined) {
    const { failure } = classify({ code: '08P01', message: refused }, 'authenticate')
    const who = { ...(user && { user }), ...(database && { database }), ...(host && { host }) }
    const native = { code: '', message: withoutNames(refused) }
    return { kind: 'failure', failure: { source: 'pooler', failure, native, ...who }, vague: false }
  }
  const found = pooler === 'server' ? EVENTS.find(([pattern]) => pattern.test(message)) : undefined
  return found && { kind: 'event', source: 'pgbouncer', event: found[1], message: withoutNames(message) }
}

const EVENTS: [RegExp, string][] = [
  [/^server login failed: /, 'server-refuses'],
  [/^closing because: (?:connect failed|connect timeout|server DNS lookup failed)/, 'server-refuses'],
  [/^got SIG(?:TERM|INT|QUIT)/, 'pooler-stopping'],
  [/^process up: /, 'pooler-started'],
]
