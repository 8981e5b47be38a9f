// Lines that MySQL 9.7 (at log_error_verbosity = 3) and MariaDB 10.11 and 11.8 wrote when they were provoked to.
import { expect, test } from 'vitest'
import type { LogRecord } from '../../../log/index.ts'
import { ErrorLogParser } from './parser.ts'

const read = (text: string): LogRecord[] => {
  const parser = new ErrorLogParser({ zone: 0 })
  return [...parser.push(Buffer.from(`${text}\n`)), ...parser.end()]
}

const MYSQL = '2026-11-23T15:33:17.582653Z 10 [Note] [MY-010926] [Server] '
const MARIADB = '2026-11-23 15:31:54 5 [Warning] '
const T = Date.UTC(2026, 10, 23, 15, 33, 17, 582)

const BOTH: [string, string, Record<string, string>][] = [
  [
    "Access denied for user 'app'@'10.0.0.7' (using password: YES)",
    'authentication-failed 1045',
    { user: 'app', host: '10.0.0.7' },
  ],
  [
    "Access denied for user 'app'@'%' to database 'nowhere'",
    'not-permitted 1044',
    { user: 'app', database: 'nowhere' },
  ],
  [
    "Aborted connection 20 to db: 'app' user: 'app' host: 'localhost' (Got an error reading communication packets)",
    'connection-reset 2013',
    { database: 'app', user: 'app', host: 'localhost' },
  ],
  [
    "Aborted connection 18 to db: 'unconnected' user: 'capped' host: 'localhost' (Got timeout reading communication packets)",
    'session-ended 2013',
    { user: 'capped', host: 'localhost' },
  ],
]

const OWN_OF_MYSQL: typeof BOTH = [
  [
    "Access denied for user 'locked'@'localhost'. Account is locked.",
    'not-permitted 3118',
    { user: 'locked', host: 'localhost' },
  ],
  [
    "Aborted connection 21 to db: 'app' user: 'app' host: 'localhost' (The client was disconnected by the server because of inactivity.).",
    'session-ended 2013',
    { database: 'app', user: 'app', host: 'localhost' },
  ],
  ['Got an error reading communication packets', 'connection-reset 1158', {}],
  ['Got timeout reading communication packets', 'handshake-timeout 1159', {}],
  ['Got packets out of order', 'not-this-protocol 1043', {}],
  ['Bad handshake', 'not-this-protocol 1043', {}],
]

const OWN_OF_MARIADB: typeof BOTH = [
  [
    "Aborted connection 0 to db: 'unconnected' user: 'unauthenticated' host: 'connecting host' (Too many connections)",
    'slots-exhausted 1040',
    {},
  ],
  [
    "Aborted connection 18 to db: 'unconnected' user: 'unauthenticated' host: 'localhost' (This connection closed normally without authentication)",
    'connection-reset 1158',
    {},
  ],
]

test.each([
  ...[...BOTH, ...OWN_OF_MYSQL].map(one => [MYSQL, ...one] as const),
  ...[...BOTH, ...OWN_OF_MARIADB].map(one => [MARIADB, ...one] as const),
])('%s%s', (head, line, what, who) => {
  const [record, ...others] = read(head + line)
  expect(others).toEqual([])
  if (record?.kind !== 'failure') throw new Error('no failure was read')
  const { failure, native, source, ...named } = record.failure
  expect([`${failure} ${native?.code}`, named]).toEqual([what, who])
  for (const name of ['app', 'nowhere', '10.0.0.7', 'capped']) expect(native?.message).not.toContain(name)
})

test.each([
  [
    "/usr/sbin/mysqld: ready for connections. Version: '9.7.4-2'  socket: '/run/mysqld.sock'  port: 35427  (Debian).",
    'server-ready',
  ],
  [
    'Received SHUTDOWN from user <via user signal>. Shutting down mysqld (Version: 9.7.4-2).',
    'server-stopping',
  ],
  ['/usr/sbin/mariadbd (initiated by: unknown): Normal shutdown', 'server-stopping'],
  ['/usr/sbin/mariadbd: Shutdown complete', 'server-stopped'],
])('%s', (line, event) => {
  expect(read(MARIADB + line)).toMatchObject([{ kind: 'event', source: 'log', event }])
})

test('times with a zone, and those without one', () => {
  const denied = "Access denied for user 'app'@'h' (using password: NO)"
  expect(read(MYSQL + denied)[0]?.t).toBe(T)
  expect(read(MYSQL.replace('Z', '+02:00') + denied)[0]?.t).toBe(T - 2 * 3_600_000)
  expect(read(`2026-11-23  5:31:54 5 [Warning] ${denied}`)[0]?.t).toBe(Date.UTC(2026, 10, 23, 5, 31, 54))
  expect(read(`2018-11-23T15:33:17.582653Z 10 [Note] ${denied}`)).toHaveLength(1)
})

test('what is no entry of an error log is none', () => {
  const parser = new ErrorLogParser({})
  expect(parser.push(Buffer.from('2026-11-23 15:31:54 UTC FATAL:  too many clients\nVersion: 10\n'))).toEqual(
    [],
  )
  expect(parser.format).toBeUndefined()
})
