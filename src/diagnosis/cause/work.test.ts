// Who makes the load: sessions and counters together. A rule holds where its physics does, and leaves the rest to others.
import { describe, expect, test } from 'vitest'
import { evidence, idle, session, T0, type TickSpec, times, waiter } from '../../../test/kit/evidence.ts'
import { causes } from '../../../test/kit/incident.ts'
import type { Evidence, SessionSample, Signals } from '../../model/index.ts'
import { diagnose } from '../index.ts'

const COUNTED: Signals = {
  ...{ commits_per_s: 100, rows_read_scan_per_s: 2000, rows_read_index_per_s: 500, rows_inserted_per_s: 20 },
  ...{ rows_changed_per_s: 40, buffer_reads_per_s: 3000, buffer_misses_per_s: 3, cpu_pct: 60 },
}
const SEARCH = { statementId: 'q', statement: 'select name from products where name like $1' }

/** Fifteen seconds of peace with one search at work, then `n` sessions as given, and other counters. */
const turned = (n: number, more: Partial<SessionSample>, signals: Signals = {}): Evidence =>
  evidence(30, second => ({
    sessions: second < 15 ? [session('1', SEARCH)] : times(n, i => session(`${i}`, more)),
    idle: [idle(8)],
    signals: second < 15 ? COUNTED : { ...COUNTED, cpu_pct: 99, ...signals },
  }))

describe('more sessions on CPU', () => {
  test('for the same calls, rows and pages: others take the CPU', () => {
    expect(causes(turned(16, SEARCH))).toEqual(['cpu-starvation'])
  })

  test('for many more rows, at the same calls: the statement became dearer', () => {
    expect(causes(turned(16, SEARCH, { rows_read_scan_per_s: 2e6 }))).toEqual(['query-regression'])
  })

  test('for reads that are no longer in memory: the buffer pool is too small', () => {
    expect(causes(turned(16, SEARCH, { buffer_misses_per_s: 900 }))).toEqual(['buffer-pool-small'])
  })

  test('on a host that has CPU left nobody is starved', () => {
    expect(causes(turned(16, SEARCH, { cpu_pct: 55 }))).not.toContain('cpu-starvation')
  })

  test('that neither compute nor read wait for something without a name: no statement is at fault', () => {
    const stalled = { commits_per_s: 5, rows_read_scan_per_s: 100, rows_read_index_per_s: 20 }
    const less = { ...stalled, buffer_reads_per_s: 60, buffer_misses_per_s: 0, rows_changed_per_s: 2 }
    const update = { statementId: 'u', statement: 'update products set price = $1', stateAgeMs: 20_000 }
    expect(causes(turned(16, update, { ...less, cpu_pct: 99 }))).toContain('query-regression')
    expect(causes(turned(16, update, { ...less, cpu_pct: 15 }))).not.toContain('query-regression')
  })
})

describe('a full machine ends no more calls than before', () => {
  const full = turned(20, SEARCH, { commits_per_s: 90, rows_read_scan_per_s: 40_000 })
  const counted = (calls: number): Evidence => ({
    ...full,
    statements: [5, 10, 14, 20, 25, 29].map(second => ({
      ...{ t: T0 + second * 1000, statementId: 'q', totalMs: 1000 },
      calls: second < 15 ? 50 : calls,
    })),
  })

  test.each([
    ['more of one statement than before', 400, 'load-surge'],
    ['as many of it as before', 52, 'query-regression'],
  ])('%s', (_, calls, cause) => {
    expect(causes(counted(calls))).toEqual([cause])
  })
})

describe('one job beside the services', () => {
  const job = (statement: string, more: Signals) =>
    diagnose(
      turned(6, { statementId: 'j', statement, user: 'ops', application: 'job' }, more),
      T0,
    ).findings.map(({ cause, subject }) => [cause, subject?.application])

  test.each([
    ['copy public.orders to stdout', 'backup', { rows_read_scan_per_s: 1e6 }],
    ['select * from `orders`', 'backup', { rows_read_scan_per_s: 1e6 }],
    ['SELECT SQL_NO_CACHE `id`, `sku` FROM `orders`', 'backup', { rows_read_scan_per_s: 1e6 }],
    ['SELECT /*!40001 SQL_NO_CACHE */ `id` FROM `orders`', 'backup', { rows_read_scan_per_s: 1e6 }],
    [
      'insert into orders select * from old',
      'bulk-load',
      { rows_inserted_per_s: 1e5, rows_changed_per_s: 1e5 },
    ],
    ['flush tables', 'flush-stall', {}],
  ])('%s is %s', (statement, cause, more) => {
    expect(job(statement, more)).toEqual([[cause, 'job']])
  })

  test('rows that cost more pages, and no more rows: the writes became dearer', () => {
    const [found] = job('insert into orders (id) values ($1)', { buffer_reads_per_s: 60_000 })
    expect(found?.[0]).toBe('write-amplification')
  })
})

describe('waiting', () => {
  test('for storage that gives less: as many of the reads miss, and the calls that get through are fewer', () => {
    const reading = { ...SEARCH, waitClass: 'IO' as const }
    const fewer = { commits_per_s: 40, rows_read_scan_per_s: 800, rows_read_index_per_s: 200, cpu_pct: 30 }
    const throttled = { ...fewer, buffer_reads_per_s: 1200, buffer_misses_per_s: 1.2 }
    expect(causes(turned(16, reading, throttled))).toEqual(['io-saturation'])
    // The same number of reads from storage, out of fewer reads: what is asked for is no longer in memory.
    expect(causes(turned(16, reading, { ...throttled, buffer_misses_per_s: 9 }))[0]).toBe('buffer-pool-small')
  })

  test('for the commit, and behind it for its locks', () => {
    const stalled: TickSpec = {
      sessions: [
        ...times(4, i => session(`${i}`, { waitClass: 'Commit', waitEvent: 'SyncRep', statement: 'commit' })),
        ...times(9, i => waiter(`w${i}`, ['0'])),
      ],
      signals: COUNTED,
    }
    const e = evidence(30, second => (second < 15 ? { sessions: [session('1')], signals: COUNTED } : stalled))
    const [root] = diagnose(e, T0).findings
    expect(root).toMatchObject({ cause: 'commit-stall', kind: 'standby' })
    expect(root!.share.aas).toBeCloseTo(1)
  })

  const HELD_UP: [string, Partial<SessionSample>, Partial<SessionSample>][] = [
    [
      'a checkpoint',
      { statement: 'checkpoint', waitClass: 'IPC' },
      { waitClass: 'Commit', waitEvent: 'WALWrite' },
    ],
    [
      'a flush of tables',
      { statement: 'flush tables', waitClass: 'Lock' },
      { waitClass: 'Lock', waitEvent: 'Waiting for table flush' },
    ],
  ]
  test.each(HELD_UP)('for %s that one session asked for', (_, flush, victim) => {
    const e = (asked: boolean) =>
      evidence(30, second => ({
        sessions:
          second < 15
            ? [session('1', SEARCH)]
            : [
                ...(asked ? [session('f', { ...flush, application: 'snapshot' })] : []),
                ...times(14, i => session(`${i}`, { statement: 'update t set a = $1', ...victim })),
              ],
        idle: [idle(8)],
        signals: COUNTED,
      }))
    const [root] = diagnose(e(true), T0).findings
    expect(root).toMatchObject({ cause: 'flush-stall', subject: { application: 'snapshot' } })
    expect(causes(e(false))).not.toContain('flush-stall')
  })

  test.each([
    ['that is slow by itself', {}, ['io-saturation']],
    ['of which more is asked', { buffer_reads_per_s: 30_000, rows_changed_per_s: 400 }, []],
  ])('for storage %s', (_, signals, expected) => {
    const found = causes(turned(12, { ...SEARCH, waitClass: 'IO' }, signals))
    expect(found.filter(cause => cause === 'io-saturation')).toEqual(expected)
  })

  test('for a network that answers late, while the server has nothing to do', () => {
    const late = { t: 0, ok: true, phaseMs: { connect: 1, authenticate: 800, query: 400 } }
    const e = evidence(30, second =>
      second < 15
        ? { sessions: [session('1')], idle: [idle(8)], signals: COUNTED }
        : { sessions: times(4, i => waiter(`${i}`, ['9'])), idle: [idle(32)], signals: COUNTED, probe: late },
    )
    expect(causes(e)[0]).toBe('network-degraded')
  })
})
