import { expect, test } from 'vitest'
import { DeadlineError } from '../../dial/index.ts'
import type { Failure, Phase } from '../../model/index.ts'
import { classify } from './classify.ts'

const server = (errno: number, message = '', sqlState = 'HY000') =>
  Object.assign(new Error(message), { code: 'ER_SOMETHING', errno, sqlState })
const native = (code: string, message = '', errno?: number) =>
  Object.assign(new Error(message), { code, errno })

test.each<[number, string, string, Failure]>([
  [1040, '08004', 'Too many connections', 'reserved-slots-only'],
  [1040, '', 'Too many connections', 'slots-exhausted'],
  [1040, 'HY000', 'Number simultaneous connections exceeded (100)', 'slots-exhausted'],
  [1040, 'HY000', 'Connections rate limit exceeded (200)', 'role-limit'],
  [1203, '42000', "User a already has more than 'max_user_connections' active connections", 'role-limit'],
  [1226, '42000', "User 'a' has exceeded the 'max_user_connections' resource", 'role-limit'],
  [1045, '28000', "Access denied for user 'a'@'h'", 'authentication-failed'],
  [1044, '42000', "Access denied for user 'a'@'%' to database 'd'", 'not-permitted'],
  [1049, '42000', "Unknown database 'd'", 'database-unknown'],
  [1129, 'HY000', "Host 'h' is blocked", 'host-blocked'],
  [1130, 'HY000', "Host 'h' is not allowed to connect", 'not-permitted'],
  [1135, 'HY000', "Can't create a new thread", 'out-of-memory'],
  [1053, '08S01', 'Server shutdown in progress', 'server-stopping'],
  [1159, '08S01', 'Got timeout reading communication packets', 'handshake-timeout'],
  [3159, 'HY000', 'Connections using insecure transport are prohibited', 'tls-required'],
  [3118, 'HY000', 'Account is locked.', 'not-permitted'],
  [9501, 'HY000', 'Timed-out waiting to acquire database connection', 'slots-exhausted'],
  [7777, 'HY000', 'never heard of', 'unclassified'],
])('%i %s %s', (errno, sqlState, message, failure) => {
  expect(classify(server(errno, message, sqlState), 'authenticate')).toMatchObject({
    failure,
    native: { code: String(errno), message },
  })
})

test.each<[Phase, Failure]>([
  ['resolve', 'name-not-resolved'],
  ['connect', 'connect-timeout'],
  ['tls', 'handshake-timeout'],
  ['authenticate', 'handshake-timeout'],
  ['query', 'query-timeout'],
])('late in phase %s', (phase, failure) => {
  expect(classify(new DeadlineError(1), phase)).toMatchObject({ phase, failure })
})

test.each<[string, Phase, Failure]>([
  ['ENOTFOUND', 'resolve', 'name-not-resolved'],
  ['ECONNREFUSED', 'connect', 'connection-refused'],
  ['ENOENT', 'connect', 'connection-refused'],
  ['ENOENT', 'tls', 'tls-certificate'],
  ['ECONNRESET', 'tls', 'connection-reset'],
  ['CERT_HAS_EXPIRED', 'tls', 'tls-certificate'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls', 'tls-unsupported'],
  ['PROTOCOL_CONNECTION_LOST', 'authenticate', 'connection-reset'],
  ['PROTOCOL_CONNECTION_LOST', 'query', 'session-ended'],
])('%s in phase %s', (code, phase, failure) => {
  // Errors of the machine carry a negative number.
  expect(classify(native(code, '', -111), phase)).toMatchObject({ failure, native: { code } })
})

test('a statement that fails or is killed for its time', () => {
  expect(classify(server(1146), 'query').failure).toBe('query-failed')
  expect(classify(server(3024), 'query').failure).toBe('query-timeout')
  expect(classify(server(1969), 'query').failure).toBe('query-timeout')
})

test('a native message is one bounded line', () => {
  const { message } = classify(server(1, `two\nlines\u001b[2J${'x'.repeat(1_000)}`), 'query').native
  expect(message).toMatch(/^two lines \[2Jx+$/)
  expect(message.length).toBeLessThanOrEqual(300)
})
