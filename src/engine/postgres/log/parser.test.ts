import { describe, expect, test } from 'vitest'
import type { LogRecord } from '../../../log/index.ts'
import { LogParser } from './parser.ts'

// As PostgreSQL 18 wrote them.
const TEXT =
  '2026-11-23 08:26:43 CET:127.0.0.1(41234):shop@orders:[123]:FATAL:  sorry, too many clients already\n'
const CSV =
  '2026-11-23 08:26:43.512 CET,"shop","orders",123,"127.0.0.1:41234",6922b2a3.7b,1,"",2026-11-23 08:26:43 CET,3/1,0,FATAL,53300,"sorry, too many clients already",,,,,,,,,"","client backend",,0\n'
const JSON_LINE =
  '{"timestamp":"2026-11-23 08:26:43.512 CET","user":"shop","dbname":"orders","pid":123,"remote_host":"127.0.0.1","remote_port":41234,"error_severity":"FATAL","state_code":"53300","message":"sorry, too many clients already","backend_type":"client backend"}\n'
const STATEMENT = (text: string) =>
  `2026-11-23 08:26:43.600 CET,"shop","orders",124,"127.0.0.1:41235",6922b2a3.7c,1,"SELECT",2026-11-23 08:26:43 CET,3/1,0,ERROR,42601,"syntax error",,,,,,"${text.replaceAll('"', '""')}",1,,"psql","client backend",,0\n`

const parse = (bytes: Buffer | string, chunk = 1_000_000, readAt?: number): LogRecord[] => {
  const parser = new LogParser({})
  const all = Buffer.from(bytes)
  const records: LogRecord[] = []
  for (let at = 0; at < all.length; at += chunk)
    records.push(...parser.push(all.subarray(at, at + chunk), readAt))
  return [...records, ...parser.end(readAt)]
}

describe.each([
  ['stderr', TEXT, 0],
  ['csvlog', CSV, 512],
  ['jsonlog', JSON_LINE, 512],
])('%s', (_, line, fraction) => {
  test('who, what and when', () => {
    const [record] = parse(line)
    expect(record).toMatchObject({
      kind: 'failure',
      t: Date.UTC(2026, 10, 23, 7, 26, 43, fraction),
      failure: { failure: 'slots-exhausted', user: 'shop', database: 'orders', host: '127.0.0.1' },
    })
  })

  test.each([1, 7, 64])('in pieces of %i bytes', size => {
    expect(parse(line.repeat(3), size)).toHaveLength(3)
  })

  test('a last line without its end, one that is cut in the middle', () => {
    expect(parse(line + line.trimEnd())).toHaveLength(2)
    expect(parse(line + line.slice(0, line.length / 3))).toHaveLength(1)
    expect(parse(line.slice(line.length / 3) + line)).toHaveLength(1)
  })

  test('bytes that are no UTF-8, Windows line ends, zeros', () => {
    const bytes = Buffer.from((line + line).replace('\n', '\r\n'), 'latin1')
    bytes[line.indexOf('shop')] = 0xff
    expect(parse(Buffer.concat([bytes, Buffer.from([0, 0xfe, 10]), Buffer.from(line)]))).toHaveLength(3)
  })

  test('a line of 8 MB in between, in bounded memory', () => {
    const junk = Buffer.alloc(8_000_000, 'x')
    expect(parse(Buffer.concat([Buffer.from(line), junk, Buffer.from(`\n${line}`)]), 65_536)).toHaveLength(2)
  })
})

test.each([
  ['a statement that found no space is an event', 'ERROR', { kind: 'event', event: 'storage-full' }],
  [
    'a connection that found none has failed',
    'FATAL',
    { kind: 'failure', failure: { native: { code: '53100' } } },
  ],
])('%s', (_, severity, expected) => {
  const full = 'could not extend file \\"base/5/16384\\": No space left on device'
  const line = `{"timestamp":"2026-11-23 07:26:43.512 UTC","user":"shop","dbname":"orders","pid":7,"remote_host":"127.0.0.1","error_severity":"${severity}","state_code":"53100","message":"${full}"}\n`
  expect(parse(line)).toMatchObject([expected])
})

test('what a statement says is nobody else', () => {
  expect(parse(CSV + STATEMENT(`select '\n${CSV}'`) + CSV)).toHaveLength(2)
  expect(parse(CSV + STATEMENT(`select '${'x'.repeat(100_000)}"\n${CSV}'`) + CSV)).toHaveLength(2)
  const detail = TEXT.replace('FATAL:  sorry, too many clients already', 'STATEMENT:  select 1')
  expect(parse(`${TEXT + detail}\t${TEXT}${TEXT}`)).toHaveLength(2)
})

test('one client that is gone is one, though it is told twice', () => {
  const lines = [
    'could not receive data from client: Connection reset by peer',
    'unexpected EOF on client connection with an open transaction',
  ]
  const log = lines.map(text => TEXT.replace('FATAL:  sorry, too many clients already', `LOG:  ${text}`))
  expect(parse(log.join(''))).toHaveLength(1)
  expect(parse(log[1]!)).toHaveLength(1)
})

test.each([
  ['up to 17', 'server process'],
  ['from 18 on', 'client backend'],
])('a backend that was killed, in the words %s', (_, who) => {
  const said = `LOG:  ${who} (PID 18517) was terminated by signal 9: Killed`
  const log = TEXT.replace('FATAL:  sorry, too many clients already', said)
  expect(parse(log)).toMatchObject([
    { event: 'backend-crashed', message: `${who} was terminated by signal 9: Killed` },
  ])
})

test('a prefix that changes on the way', () => {
  const other = '2026-11-23 08:26:44.000 CET [123] app=web FATAL:  the database system is starting up\n'
  const records = parse(TEXT.repeat(9) + other)
  expect(records).toHaveLength(10)
  expect(records.at(-1)!.t).toBe(Date.UTC(2026, 10, 23, 7, 26, 44))
})

test('a time of an unknown zone is the time of reading, and otherwise left out', () => {
  const odd = TEXT.replace('CET', 'IST')
  expect(parse(odd, 1_000, 42)).toMatchObject([{ t: 42 }])
  const parser = new LogParser({})
  parser.push(Buffer.from(odd))
  expect([parser.end(), parser.timeless]).toEqual([[], 1])
})

test("Spillway's own sessions are not others'", () => {
  expect(parse(CSV.replace(',"","client', ',"spillway","client'))).toEqual([])
})

test('no log at all', () => {
  const parser = new LogParser({})
  parser.push(Buffer.from('milk\nbread: yes\n'))
  parser.end()
  expect(parser.format).toBeUndefined()
})

describe("PgBouncer's log", () => {
  const START = '2026-11-23 09:17:25.105 UTC [14631] '
  const refused = (who: string, reason = 'no more connections allowed (max_client_conn)') =>
    `${START}WARNING C-0x55bd240e6190: ${who} pooler error: ${reason}\n`

  test.each([
    ['orders/web@10.0.0.5:43972', { database: 'orders', user: 'web', host: '10.0.0.5' }],
    ['(nodb)/(nouser)@127.0.0.1:43972', { host: '127.0.0.1' }],
    ['orders/web@[2001:db8::1]:43972', { database: 'orders', user: 'web', host: '2001:db8::1' }],
    ['orders/web@unix(4711):6432', { database: 'orders', user: 'web', host: 'local' }],
    [
      'orders/me@example.org@10.0.0.5:43972',
      { database: 'orders', user: 'me@example.org', host: '10.0.0.5' },
    ],
  ])('%s', (who, expected) => {
    expect(parse(refused(who))).toEqual([
      {
        kind: 'failure',
        t: Date.UTC(2026, 10, 23, 9, 17, 25, 105),
        failure: {
          source: 'pooler',
          failure: 'slots-exhausted',
          native: { code: '', message: 'no more connections allowed (max_client_conn)' },
          ...expected,
        },
        vague: false,
      },
    ])
  })

  test('one line a refused client, and none of a name', () => {
    const reason = 'database "hunter2" does not exist'
    const log = [
      `${START}LOG C-0x55bd240e55b0: nodb/web@127.0.0.1:43884 login attempt: db=nodb user=web tls=no`,
      `${START}WARNING server login failed: FATAL ${reason}`,
      `${START}LOG C-0x55bd240e55b0: nodb/web@127.0.0.1:43884 closing because: ${reason} (age=0s)`,
      refused('nodb/web@127.0.0.1:43884', reason).trimEnd(),
      `${START}LOG S-0x55bd240ecc90: nodb/web@127.0.0.1:42941 closing because: login failed (age=0s)`,
      `${START}LOG got SIGTERM, fast exit\n`,
    ].join('\n')
    const records = parse(log)
    expect(records.map(({ kind }) => kind)).toEqual(['event', 'failure', 'event'])
    expect(records).toMatchObject([
      { event: 'server-refuses' },
      { failure: { failure: 'database-unknown' } },
      { event: 'pooler-stopping' },
    ])
    expect(JSON.stringify(records)).not.toContain('hunter2')
  })

  test('is not taken for one of PostgreSQL, nor the other way round', () => {
    const parser = new LogParser({})
    parser.push(Buffer.from(refused('a/b@127.0.0.1:1')), 1)
    expect(parser.format).toBe('pgbouncer')
    const other = new LogParser({})
    other.push(Buffer.from(`${START}LOG:  starting PostgreSQL 15.18\n`), 1)
    expect(other.format).toBe('stderr')
  })
})
