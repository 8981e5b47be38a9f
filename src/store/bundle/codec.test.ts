import { describe, expect, test } from 'vitest'
import { AppError, type ErrorCode } from '../../model/index.ts'
import { decode, encode } from './codec.ts'
import { type FileName, MAX_LINE_BYTES, MAX_TICKS } from './files.ts'
import { formatTime } from './time.ts'

const from = Date.UTC(2026, 2, 1)
const at = (tick: number) => formatTime(from + tick * 1000)

const manifest = {
  schema: 'spillway/evidence/v1',
  target: { name: 'orders', engine: 'postgres' },
  from: at(0),
  to: at(4),
  tickMs: 1000,
}

type Content = Partial<Record<FileName, string | Buffer>>

const read = (content: Content) =>
  decode(
    new Map(
      Object.entries({ 'manifest.json': JSON.stringify(manifest), ...content }).map(([name, text]) => [
        name as FileName,
        Buffer.from(text),
      ]),
    ),
  )

/** The error, and every place its message has to name. */
function refuses(content: Content, code: ErrorCode, ...places: string[]): void {
  let caught: unknown
  try {
    read(content)
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(AppError)
  const { code: found, message, hint } = caught as AppError
  expect(found).toBe(code)
  for (const place of places) expect(message).toContain(place)
  expect(message).toMatch(/^\P{Cc}{1,400}$/u)
  expect(hint).not.toBe('')
}

const withManifest = (change: object): Content => ({
  'manifest.json': JSON.stringify({ ...manifest, ...change }),
})

describe('manifest.json', () => {
  test('alone is a bundle in which nobody looked', () => {
    const evidence = read({})
    expect(evidence).toEqual({
      target: manifest.target,
      from,
      to: from + 4000,
      tickMs: 1000,
      ticks: [],
      probes: [],
      failures: [],
      statements: [],
      events: [],
    })
  })

  test('may hold fields of a later version', () => {
    expect(read(withManifest({ region: 'eu-west-1' }))).toEqual(read({}))
  })

  test('is required and is JSON', () => {
    expect(() => decode(new Map())).toThrow(AppError)
    refuses({ 'manifest.json': '{"schema":' }, 'bundle-unreadable', 'manifest.json')
    refuses({ 'manifest.json': Buffer.from([0x22, 0xff, 0x22]) }, 'bundle-unreadable', 'manifest.json')
    refuses({ 'manifest.json': ' '.repeat(MAX_LINE_BYTES + 1) }, 'bundle-hostile', 'manifest.json')
  })

  test.each(['spillway/evidence/v2', 'spillway/plan/v1', '\u001b]0;x\u0007'])(
    'of schema %j is refused',
    schema => {
      refuses(withManifest({ schema, target: 'anything' }), 'bundle-schema', 'spillway/evidence/v1')
    },
  )

  test.each([[{}], [[]], ['text'], [null], [{ schema: 1 }]])('without a schema is refused: %j', value => {
    refuses({ 'manifest.json': JSON.stringify(value) }, 'bundle-schema')
  })

  test.each<[object, string]>([
    [{ target: { engine: 'postgres' } }, 'target.name'],
    [{ target: { name: 'x', engine: 'oracle' } }, 'target.engine'],
    [{ from: 'yesterday' }, 'from'],
    [{ to: at(0) }, 'to'],
    [{ tickMs: 0 }, 'tickMs'],
    [{ tickMs: 1.5 }, 'tickMs'],
    [{ to: formatTime(from + (MAX_TICKS + 1) * 1000) }, 'tickMs'],
    [{ limits: { maxConnections: '100', reserved: {} } }, 'limits.maxConnections'],
    [{ limits: { maxConnections: 100, reserved: { superuser: -3 } } }, 'limits.reserved.superuser'],
    [{ limits: { maxConnections: 100, reserved: { 'a\nb': -3 } } }, 'limits.reserved["a\\nb"]'],
    [{ window: { from: at(2), to: at(2) } }, 'window.to'],
  ])('with a wrong field names it: %j', (change, path) => {
    refuses(withManifest(change), 'bundle-invalid', 'manifest.json', path)
  })
})

describe('signals.csv', () => {
  const csv = (...lines: string[]): Content => ({ 'signals.csv': lines.join('\n') })

  test('empty cells and missing rows are gaps', () => {
    expect(read(csv('t,aas,cpu_pct', `${at(1)},2.5,`, `${at(3)},,1e2`, '')).ticks).toEqual([
      { t: from, signals: {} },
      { t: from + 1000, signals: { aas: 2.5 } },
      { t: from + 2000, signals: {} },
      { t: from + 3000, signals: { cpu_pct: 100 } },
    ])
  })

  test('may come with a byte order mark, carriage returns and quotes', () => {
    const { ticks } = read({ 'signals.csv': `\ufefft,aas\r\n"${at(0)}","7"\r\n` })
    expect(ticks[0]).toEqual({ t: from, signals: { aas: 7 } })
  })

  test.each<[string[], string, string]>([
    [['t,aas,load'], 'line 1', '"load"'],
    [['t,aas,\u001b[31m'], 'line 1', '"\\u001b[31m"'],
    [['aas,t'], 'line 1', '"aas"'],
    [['t,aas,aas'], 'line 1', '"aas"'],
    [['t,aas', `${at(0)},1`, `${at(1)},many`], 'line 3, aas', '"many"'],
    [['t,aas', `${at(0)},NaN`], 'line 2, aas', '"NaN"'],
    [['t,aas', `${at(0)},0x10`], 'line 2, aas', '"0x10"'],
    [['t,aas', `${at(0)},1e999`], 'line 2, aas', '"1e999"'],
    [['t,aas', `${at(0)}, 1`], 'line 2, aas', '" 1"'],
    [['t,aas', `${at(0)},1,2`], 'line 2', '3'],
    [['t,aas', at(0)], 'line 2', '1'],
    [['t,aas', `${at(1)},1`, `${at(1)},1`], 'line 3, t', at(1)],
    [['t,aas', `${at(1)},1`, `${at(0)},1`], 'line 3, t', at(0)],
    [['t,aas', `${at(-1)},1`], 'line 2, t', at(-1)],
    [['t,aas', `${at(4)},1`], 'line 2, t', at(4)],
    [['t,aas', 'noon,1'], 'line 2, t', '"noon"'],
    [['t,aas', `${at(0)},"1`], 'line 2', 'CSV'],
    [['t,aas', `${at(0)},"1"2`], 'line 2', 'CSV'],
    [[''], 'signals.csv', 'header'],
  ])('%j is refused', (lines, place, shown) => {
    refuses(csv(...lines), 'bundle-invalid', 'signals.csv', place, shown)
  })

  test('a cell without end is refused, and shown only in part', () => {
    refuses(csv('t,aas', `${at(0)},"${'x'.repeat(2_000_000)}`), 'bundle-invalid', 'signals.csv')
    refuses(csv('t,aas', `${at(0)},${'9'.repeat(5000)}`), 'bundle-invalid', 'line 2, aas')
  })
})

const session = { id: '1', state: 'active' }
const lines = (file: FileName, ...values: unknown[]): Content => ({
  [file]: values.map(value => `${JSON.stringify(value)}\n`).join(''),
})
const probe = (t: string) => ({ t, ok: true, phaseMs: {} })

describe('NDJSON', () => {
  test('fields of a later version are left out', () => {
    const later = { ...session, planId: 'p', lock: { kind: 'row', depth: 3 } }
    const content = lines('sessions.ndjson', { t: at(0), sessions: [later], cpu: 1 })
    expect(read(content).ticks[0]).toEqual({
      t: from,
      signals: {},
      sessions: [{ ...session, lock: { kind: 'row' } }],
    })
  })

  test('a session list that is empty is known, one that is absent is not', () => {
    const { ticks } = read(lines('sessions.ndjson', { t: at(0), sessions: [] }, { t: at(1), idle: [] }))
    expect(ticks.map(tick => [tick.sessions?.length, tick.idle?.length])).toEqual([
      [0, undefined],
      [undefined, 0],
      [undefined, undefined],
      [undefined, undefined],
    ])
  })

  test('load by statement comes back, and is no sample of sessions', () => {
    const byStatement = [{ statementId: 'q', statement: 'select ?', aas: 1.5 }]
    const told = read(lines('sessions.ndjson', { t: at(0), byStatement }))
    expect(told.ticks[0]).toEqual({ t: from, signals: {}, byStatement })
    expect(decode(encode(told))).toEqual(told)
  })

  test('empty lines are skipped but counted', () => {
    const good = JSON.stringify(probe(at(0)))
    expect(read({ 'probes.ndjson': `\n${good}\n\n${good}` }).probes).toHaveLength(2)
    refuses({ 'probes.ndjson': `\n${good}\n\n{` }, 'bundle-unreadable', 'probes.ndjson', 'line 4')
  })

  test('an attempt may begin just before the first tick, and an event any time before', () => {
    expect(read(lines('probes.ndjson', probe(at(-1)))).probes).toHaveLength(1)
    refuses(lines('probes.ndjson', probe(at(-2))), 'bundle-invalid', 'probes.ndjson line 1, t')
    const event = { t: at(-9999), source: 'deploy', kind: 'release', message: 'v2' }
    expect(read(lines('events.ndjson', event)).events).toHaveLength(1)
  })
})

describe('NDJSON that breaks the contract', () => {
  test.each<[FileName, unknown[], string]>([
    [
      'sessions.ndjson',
      [{ t: at(0), sessions: [session, { ...session, state: 'busy' }] }],
      'sessions[1].state',
    ],
    ['sessions.ndjson', [{ t: at(0), sessions: [{ ...session, id: 1 }] }], 'sessions[0].id'],
    ['sessions.ndjson', [{ t: at(0), sessions: [{ id: '1', state: { toString: 1 } }] }], 'sessions[0].state'],
    ['sessions.ndjson', [{ t: at(0), sessions: [{ id: '1' }] }], 'sessions[0].state'],
    [
      'sessions.ndjson',
      [{ t: at(0), sessions: [{ ...session, lock: { kind: 'page' } }] }],
      'sessions[0].lock.kind',
    ],
    ['sessions.ndjson', [{ t: at(0), idle: [{ count: -1, oldestStateAgeMs: 0 }] }], 'idle[0].count'],
    ['sessions.ndjson', [{ t: at(0) }, { t: at(0) }], 'line 2, t'],
    ['sessions.ndjson', [{ t: at(4) }], 'line 1, t'],
    ['probes.ndjson', [probe(at(1)), probe(at(0))], 'line 2, t'],
    ['probes.ndjson', [{ ...probe(at(0)), failure: 'gone' }], 'line 1, failure'],
    ['probes.ndjson', [{ t: at(0), ok: true }], 'line 1, phaseMs'],
    ['probes.ndjson', [{ ...probe(at(0)), t: 5 }], 'line 1, t'],
    ['failures.ndjson', [{ t: at(0), source: 'log', failure: 'role-limit', count: '3' }], 'line 1, count'],
    ['statements.ndjson', [{ t: at(0), statementId: '7', calls: null, totalMs: 1 }], 'line 1, calls'],
    ['events.ndjson', [{ t: at(0), source: 'log', kind: 'x' }], 'line 1, message'],
    ['events.ndjson', [[]], 'line 1'],
  ])('%s with %j is refused', (file, values, place) => {
    refuses(lines(file, ...values), 'bundle-invalid', file, place)
  })

  test('what is no JSON is refused with its line', () => {
    refuses({ 'events.ndjson': '\u0000\u001b[2J' }, 'bundle-unreadable', 'events.ndjson line 1')
    refuses({ 'events.ndjson': '['.repeat(1_000_000) }, 'bundle-unreadable', 'events.ndjson line 1')
    refuses({ 'events.ndjson': 'x'.repeat(MAX_LINE_BYTES + 1) }, 'bundle-hostile', 'events.ndjson line 1')
  })

  test('__proto__ changes no prototype', () => {
    const line = `{"t":"${at(0)}","source":"log","kind":"k","message":"m","__proto__":{"polluted":1}}`
    const { events } = read({ 'events.ndjson': line })
    expect(Object.getPrototypeOf(events[0])).toBe(Object.prototype)
    expect(Object.keys(events[0] ?? {})).toEqual(['t', 'source', 'kind', 'message'])
  })
})
