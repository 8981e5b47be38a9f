import { describe, expect, test } from 'vitest'
import type { Entry } from './entry.ts'
import { refusalOf } from './refusal.ts'

const entry = (message: string, more: Partial<Entry> = {}): Entry => ({
  time: '',
  severity: 'FATAL',
  code: '',
  message,
  session: '',
  ...more,
})

describe('by text, where the log has no code', () => {
  test.each([
    ['sorry, too many clients already', 'slots-exhausted'],
    [
      'remaining connection slots are reserved for non-replication superuser connections',
      'reserved-slots-only',
    ],
    ['remaining connection slots are reserved for roles with the SUPERUSER attribute', 'reserved-slots-only'],
    [
      'remaining connection slots are reserved for non-replication superuser and rds_superuser connections',
      'reserved-slots-only',
    ],
    ['too many connections for role "shop"', 'role-limit'],
    ['too many connections for database "orders"', 'database-limit'],
    ['password authentication failed for user "shop"', 'authentication-failed'],
    ['PAM authentication failed for user "shop"', 'authentication-failed'],
    ['no pg_hba.conf entry for host "10.0.0.1", user "u", database "d", SSL encryption', 'not-permitted'],
    ['no pg_hba.conf entry for host "10.0.0.1", user "u", database "d", SSL off', 'tls-required'],
    ['role "x" is not permitted to log in', 'not-permitted'],
    ['database "x" does not exist', 'database-unknown'],
    ['permission denied for database "x"', 'not-permitted'],
    ['the database system is starting up', 'server-starting'],
    ['the database system is in recovery mode', 'server-starting'],
    ['the database system is not yet accepting connections', 'server-starting'],
    ['the database system is shutting down', 'server-stopping'],
    ['canceling authentication due to timeout', 'handshake-timeout'],
    ['terminating connection due to administrator command', 'session-ended'],
    ['terminating connection due to idle-session timeout', 'session-ended'],
    ['connection requires a valid client certificate', 'tls-certificate'],
  ])('%s', (message, failure) => {
    expect(refusalOf(entry(message))).toMatchObject({ failure, vague: false, native: { code: '' } })
  })

  test.each([
    ['could not fork new process for connection: Resource temporarily unavailable', 'out-of-memory'],
    ['could not accept SSL connection: sslv3 alert certificate unknown', 'tls-certificate'],
    ['could not accept SSL connection: EOF detected', 'connection-reset'],
    ['could not accept SSL connection: unsupported protocol', 'tls-unsupported'],
    ['could not accept SSL connection: http request', 'not-this-protocol'],
    ['could not receive data from client: Connection reset by peer', 'connection-reset'],
    ['unexpected EOF on client connection with an open transaction', 'connection-reset'],
    ['invalid length of startup packet', 'not-this-protocol'],
  ])('no more than LOG: %s', (message, failure) => {
    expect(refusalOf(entry(message, { severity: 'LOG' }))).toMatchObject({ failure })
  })
})

test.each([
  [
    'a statement that is refused',
    entry('permission denied for table x', { severity: 'ERROR', code: '42501' }),
  ],
  ['a statement that is cancelled', entry('canceling statement', { severity: 'ERROR', code: '57014' })],
  [
    'a statement about a database',
    entry('database "x" does not exist', { severity: 'ERROR', code: '3D000' }),
  ],
  [
    'a background process',
    entry('terminating autovacuum process due to administrator command', { code: '57P01' }),
  ],
  ['the postmaster', entry('could not create lock file "/x": Permission denied')],
  [
    "replication's own limit",
    entry('number of requested standby connections exceeds max_wal_senders', { code: '53300' }),
  ],
  ['anything else', entry('checkpoint complete', { severity: 'LOG' })],
])('no failed connection: %s', (_, one) => {
  expect(refusalOf(one)).toBeUndefined()
})

// Out of the server's own translations (postgres-15.mo).
describe('in another language', () => {
  test.each([
    ['FATAL', '53300', 'désolé, trop de clients sont déjà connectés', 'slots-exhausted', true],
    [
      'ВАЖНО',
      '28P01',
      'пользователь "shop" не прошёл проверку подлинности (по паролю)',
      'authentication-failed',
      false,
    ],
    ['FATALE', '3D000', 'il database "x" non esiste', 'database-unknown', false],
    ['致命错误', '57P03', '数据库系统启动中', 'server-starting', false],
    ['FATAL', '', 'tut mir leid, schon zu viele Verbindungen', 'unclassified', true],
  ])('%s %s', (severity, code, message, failure, vague) => {
    expect(refusalOf(entry(message, { severity, code, host: '10.0.0.1' }))).toMatchObject({ failure, vague })
  })

  test('a reset has its code only', () => {
    const reset = { severity: 'LOG', code: '08006' }
    expect(refusalOf(entry('konnte Daten vom Client nicht empfangen: …', reset))).toMatchObject({
      failure: 'connection-reset',
    })
  })
})

test.each([
  ['password authentication failed for user "hunter2"', '28P01'],
  ['пользователь «hunter2» не прошёл', '28P01'],
  ["l'utilisateur « hunter2 » refusé", '28P01'],
  ['database "hunter2', '3D000'],
  ['invalid value for parameter x: hunter2', '22023'],
])('nothing that was typed: %s', (message, code) => {
  const refusal = refusalOf(entry(message, { code, user: 'shop' }))
  expect(JSON.stringify(refusal)).not.toContain('hunter2')
})
