import { expect, test } from 'vitest'
import { DeadlineError } from '../../dial/index.ts'
import type { Failure, Phase } from '../../model/index.ts'
import { classify } from './classify.ts'

const native = (code: string, message = '') => Object.assign(new Error(message), { code })

test.each<[string, string, Failure]>([
  ['53300', 'sorry, too many clients already', 'slots-exhausted'],
  [
    '53300',
    'remaining connection slots are reserved for non-replication superuser connections',
    'reserved-slots-only',
  ],
  [
    '53300',
    'remaining connection slots are reserved for non-replication superuser and rds_superuser connections',
    'reserved-slots-only',
  ],
  [
    '53300',
    'remaining connection slots are reserved for roles with privileges of the "pg_use_reserved_connections" role',
    'reserved-slots-only',
  ],
  [
    '53300',
    'remaining connection slots are reserved for roles with the SUPERUSER attribute',
    'reserved-slots-only',
  ],
  ['53300', 'too many connections for role "too many connections for database"', 'role-limit'],
  ['53300', 'too many connections for database "app"', 'database-limit'],
  ['53300', 'ein Text in einer anderen Sprache', 'slots-exhausted'],
  ['28000', 'no pg_hba.conf entry for host "::1", user "a", database "b", no encryption', 'tls-required'],
  ['28000', 'no pg_hba.conf entry for host "::1", user "a", database "b", SSL off', 'tls-required'],
  ['28000', 'no pg_hba.conf entry for host "::1", user "a", database "b", SSL encryption', 'not-permitted'],
  ['28000', 'PAM authentication failed for user "iam"', 'authentication-failed'],
  ['28P01', 'password authentication failed for user "a"', 'authentication-failed'],
  ['3D000', 'database "a" does not exist', 'database-unknown'],
  ['57P03', 'the database system is starting up', 'server-starting'],
  ['57P03', 'the database system is in recovery mode', 'server-starting'],
  ['57P03', 'the database system is shutting down', 'server-stopping'],
  ['08P01', 'no more connections allowed (max_client_conn)', 'slots-exhausted'],
  ['08P01', 'sorry, too many clients already', 'slots-exhausted'],
  ['08P01', 'SASL authentication failed', 'authentication-failed'],
  ['08P01', 'no such database: x', 'database-unknown'],
  ['53200', 'out of memory', 'out-of-memory'],
  ['ZZ999', 'never heard of', 'unclassified'],
])('%s %s', (code, message, failure) => {
  expect(classify(native(code, message), 'authenticate')).toMatchObject({ failure, native: { code } })
})

// In no language at all: by the place in the server's source.
test.each<[string, string, Failure]>([
  ['53300', 'InitializeSessionUserId', 'role-limit'],
  ['53300', 'CheckMyDatabase', 'database-limit'],
  ['53300', 'InitPostgres', 'reserved-slots-only'],
  ['53300', 'InitProcess', 'slots-exhausted'],
  ['53300', 'BackendInitialize', 'slots-exhausted'],
  ['28000', 'InitializeSessionUserId', 'not-permitted'],
  ['28000', 'auth_failed', 'authentication-failed'],
])('%s from %s', (code, routine, failure) => {
  expect(classify({ code, routine, message: '…' }, 'authenticate').failure).toBe(failure)
})

// No line of pg_hba.conf fits: for want of TLS only where TLS was not tried.
test.each<[string, boolean | undefined, Failure]>([
  ['host "10.0.0.1", no encryption', undefined, 'tls-required'],
  ['host "10.0.0.1", no encryption', false, 'tls-required'],
  ['host "10.0.0.1", no encryption', true, 'not-permitted'],
  ['host "10.0.0.1", SSL encryption', undefined, 'not-permitted'],
  ['host "[local]", no encryption', false, 'not-permitted'],
])('no entry for %s, TLS tried: %s', (where, triedTls, failure) => {
  const error = { code: '28000', message: `no pg_hba.conf entry for ${where}` }
  expect(classify(error, 'authenticate', triedTls).failure).toBe(failure)
})

// PgBouncer 1.18 to 1.24: one code, its own words.
test.each<[string, Failure]>([
  ['query_wait_timeout', 'slots-exhausted'],
  ['client connections exceeded (max_db_client_connections)', 'database-limit'],
  ['client connections exceeded (max_user_client_connections)', 'role-limit'],
  ['unsupported startup parameter: options', 'not-permitted'],
  ['SSL required', 'tls-required'],
  ['"trust" authentication failed', 'authentication-failed'],
  ['client_login_timeout (server down)', 'handshake-timeout'],
  ['server conn crashed?', 'session-ended'],
  ['database "orders" is disabled', 'not-permitted'],
  ['server login has been failing, try again later (server_login_retry)', 'unclassified'],
  ['server login has been failing, cached error: connect failed (server_login_retry)', 'connection-refused'],
  [
    'server login has been failing, cached error: FATAL: the database system is shutting down (server_login_retry)',
    'server-stopping',
  ],
])('PgBouncer: %s', (message, failure) => {
  expect(classify({ code: '08P01', message }, 'authenticate').failure).toBe(failure)
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
  ['EHOSTUNREACH', 'connect', 'unreachable'],
  ['ECONNRESET', 'tls', 'connection-reset'],
  ['CERT_HAS_EXPIRED', 'tls', 'tls-certificate'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls', 'tls-unsupported'],
  ['57014', 'query', 'query-timeout'],
  ['42P01', 'query', 'query-failed'],
])('%s in phase %s', (code, phase, failure) => {
  expect(classify(native(code), phase).failure).toBe(failure)
})

test('a native message is one bounded line', () => {
  const { message } = classify(native('XX000', `two\nlines\u001b[2J${'x'.repeat(1_000)}`), 'query').native
  expect(message).toMatch(/^two lines \[2Jx+$/)
  expect(message.length).toBeLessThanOrEqual(300)
})
