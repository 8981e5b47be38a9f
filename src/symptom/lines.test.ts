// Lines as people have them: from psql, mysql, server logs, poolers and the drivers of other languages.
import { describe, expect, test } from 'vitest'
import { explainError, failureIn } from './explain.ts'
import { nearestSymptoms } from './nearest.ts'

const ids = (text: string): string[] => explainError(text).map(({ id }) => id)

test('what an entry of a log says of a connection that failed, and nothing else of it', () => {
  const secret = 'password=hunter2'
  expect(failureIn(`ERROR timeout exceeded when trying to connect ${secret}`)).toMatchObject({
    failure: 'client-pool-timeout',
  })
  const full = failureIn(`FATAL: 53300 sorry, too many clients already ${secret}`)
  expect(full).toMatchObject({ failure: 'slots-exhausted', native: { code: '53300' } })
  expect(JSON.stringify(full)).not.toContain('hunter2')
  for (const other of [
    'GET /orders 200 1040 bytes',
    'ERROR: relation "orders" does not exist',
    'took 1226 ms',
  ])
    expect(failureIn(other)).toBeUndefined()
})

describe('is told first', () => {
  test.each([
    [
      'psql: error: connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  sorry, too many clients already',
      'slots.pg.toomany',
    ],
    [
      'psql: error: connection to server at "db" (10.0.0.1), port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?',
      'tcp.libpq',
    ],
    [
      'psql: error: connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  password authentication failed for user "web"',
      'auth.pg.28P01',
    ],
    [
      'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: FATAL:  role "root" does not exist',
      'auth.pg.norole',
    ],
    [
      'psycopg.OperationalError: connection failed: FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "web", database "orders", no encryption',
      'auth.pg.nohba.noenc',
    ],
    [
      'org.postgresql.util.PSQLException: FATAL: remaining connection slots are reserved for roles with privileges of the "rds_reserved" role',
      'slots.pg.reserved.ge16.pg_use',
    ],
    ['pq: sorry, too many clients already', 'slots.pg.toomany'],
    [
      'failed to connect to `host=db user=web database=orders`: server error (FATAL: too many connections for role "web" (SQLSTATE 53300))',
      'slots.pg.role',
    ],
    [
      '2026-11-23 10:00:00 UTC:10.0.0.9(40400):web@orders:[1040]:FATAL:  the database system is starting up',
      'auth.pg.conn_refused_during_startup',
    ],
    [
      '{"timestamp":"2026-11-23 10:00:00 UTC","pid":53300,"error_severity":"FATAL","state_code":"57P01","message":"terminating connection due to administrator command"}',
      'session.pg.57P01',
    ],
    ["ERROR 1045 (28000): Access denied for user 'web'@'10.0.0.9' (using password: YES)", 'auth.my.1045'],
    ['ERROR 1040 (08004): Too many connections', 'slots.my.1040'],
    [
      'ERROR 2002 (HY000): Received error packet before completion of TLS handshake. The authenticity of the following error cannot be verified: 1040 - Too many connections',
      'slots.my.1040.hard',
    ],
    ['ERROR 1040 (HY000): Too many connections', 'slots.my.1040.hard'],
    ["ERROR 2003 (HY000): Can't connect to MySQL server on 'db:3306' (110)", 'tcp.mysql2003'],
    [
      "ERROR 2013 (HY000): Lost connection to MySQL server at 'handshake: reading initial communication packet', system error: 11",
      'lost.my.2013.initial',
    ],
    ["(1045, \"Access denied for user 'web'@'10.0.0.9' (using password: YES)\")", 'auth.my.1045'],
    [
      "sqlalchemy.exc.OperationalError: (pymysql.err.OperationalError) (1040, 'Too many connections')",
      'slots.my.1040',
    ],
    ['SQLSTATE[HY000] [2002] Connection refused', 'tcp.refused'],
    ['SQLSTATE[HY000] [2002] Connection timed out', 'tcp.timeout'],
    [
      "(conn=-1, no: 1129, SQLState: HY000) Host '10.0.0.9' is blocked because of many connection errors",
      'auth.my.1129',
    ],
    [
      "2026-11-23T10:00:00.000000Z 812 [Note] [MY-010914] [Server] Aborted connection 812 to db: 'orders' user: 'web' host: '10.0.0.9' (Got an error reading communication packets).",
      'lost.my.net',
    ],
    [
      "AggregateError [ECONNREFUSED]: \n    at internalConnectMultiple {\n  code: 'ECONNREFUSED',\n  [errors]: [ Error: connect ECONNREFUSED ::1:5432 ]",
      'tcp.refused',
    ],
    [
      '2026-11-23 10:00:00.000 UTC [77] LOG C-0x55: orders/web@10.0.0.9:40400 closing because: query_wait_timeout (age=120s)',
      'pgb.querywait',
    ],
    ["error: sorry, too many clients already\n  code: '08P01'", 'pgb.forwarded'],
    ['{"code":"08P01","message":"password authentication failed for user \\"web\\""}', 'auth.pg.28P01'],
    ['FATAL:  53300: tut mir leid, schon zu viele Verbindungen', 'slots.pg.toomany'],
    ['FATAL: 57P03: das Datenbanksystem startet', 'auth.pg.conn_refused_during_startup'],
    ['“sorry, too many clients already”', 'slots.pg.toomany'],
    [
      'Remaining Connection slots\n  are reserved for roles\twith the SUPERUSER attribute',
      'slots.pg.reserved.ge16.super',
    ],
  ])('%s', (text, id) => {
    expect(ids(text)[0]).toBe(id)
  })
})

describe('what encloses an error comes after it', () => {
  test.each([
    [
      'java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30000ms (total=10, active=10, idle=0, waiting=8)\nCaused by: org.postgresql.util.PSQLException: FATAL: sorry, too many clients already',
      'slots.pg.toomany',
      'pool.hikari',
    ],
    [
      'server login has been failing, cached error: FATAL: password authentication failed for user "web" (server_login_retry)',
      'auth.pg.28P01',
      'pgb.loginretry',
    ],
    ['Request returned an error: database "orders" does not exist.', 'auth.pg.nodb', 'proxy.dberror'],
    [
      'FATAL:  terminating connection due to administrator command\nserver closed the connection unexpectedly',
      'session.pg.57P01',
      'session.pg.libpq',
    ],
  ])('%s', (text, inner, outer) => {
    const found = ids(text)
    expect(found[0]).toBe(inner)
    expect(found).toContain(outer)
  })
})

describe('a number that is no code', () => {
  test.each([
    'listening on port 53300',
    'process 1040 exited',
    '2026-11-23 10:00:00 UTC [1040] LOG:  checkpoint complete: wrote 2013 buffers',
    'duration: 1205 ms',
    'could not serialize access due to concurrent update (SQLSTATE 40001)',
  ])('%s', text => {
    expect(ids(text)).toEqual([])
  })
})

describe('nearest to what is not known', () => {
  test.each([
    ['to many connection', 'slots.my.1040'],
    ['too many client', 'slots.pg.toomany'],
    ['the timeout of the lock wait was exceeded, restart the transaction', 'stmt.my.1205'],
  ])('%s', (text, id) => {
    expect(ids(text)).toEqual([])
    expect(nearestSymptoms(text).map(candidate => candidate.id)).toContain(id)
  })

  test.each(['', 'hello world', 'connection', 'the server', '💥'])('nothing: %j', text => {
    expect(nearestSymptoms(text)).toEqual([])
  })
})
