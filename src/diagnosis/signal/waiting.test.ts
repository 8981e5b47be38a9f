// Incidents as Performance Insights tells them: load by wait class and by statement, and no session.
import { expect, test } from 'vitest'
import { T0 } from '../../../test/kit/evidence.ts'
import type { Evidence, Signals, StatementDelta, StatementLoad } from '../../model/index.ts'
import { diagnose } from '../index.ts'

const MINUTE = 60_000
const CALM = 20
const TICKS = 40

interface Told {
  before?: Signals
  during: Signals
  load?: StatementLoad
  /** Calls a minute. */
  calls?: readonly [before: number, during: number]
}

const USUAL: Signals = {
  ...{ aas: 1, aas_cpu: 1, aas_lock: 0, aas_commit: 0, aas_io: 0, connections: 20, usable_slots: 97 },
  ...{ commits_per_s: 100, cpu_pct: 30, buffer_reads_per_s: 3000, rows_read_scan_per_s: 500 },
  ...{ rows_inserted_per_s: 10, rows_changed_per_s: 20, connections_opened_per_s: 2 },
}

/** Twenty minutes of calm, twenty of trouble, each value a few percent off. */
function told({ before = {}, during, load, calls }: Told): Evidence {
  const ticks = Array.from({ length: TICKS }, (_, at) => {
    const inside = at >= CALM
    const signals = { ...USUAL, ...before, ...(inside ? during : {}) }
    const wobble = 1 + 0.02 * ((at * 7) % 5)
    return {
      t: T0 + at * MINUTE,
      signals: Object.fromEntries(
        Object.entries(signals).map(([name, value]) => [
          name,
          name === 'usable_slots' ? value : value * wobble,
        ]),
      ),
      byStatement: inside && load ? [load] : [],
    }
  })
  const statements: StatementDelta[] = ticks.flatMap(({ t: begin }, at) => {
    const t = begin + MINUTE
    return [
      { t, statementId: 'other', calls: 100, totalMs: 100 },
      ...(calls && load
        ? [{ t, statementId: load.statementId, calls: calls[at < CALM ? 0 : 1], totalMs: 100 }]
        : []),
    ]
  })
  return {
    target: { name: 'rds:orders', engine: 'postgres' },
    ...{ from: T0, to: T0 + TICKS * MINUTE, tickMs: MINUTE, ticks },
    limits: { maxConnections: 100, reserved: { superuser: 3 } },
    window: { from: T0 + CALM * MINUTE, to: T0 + TICKS * MINUTE },
    ...{ probes: [], failures: [], statements: calls ? statements : [], events: [] },
  }
}

const BUSY: Signals = { aas: 21, aas_cpu: 21, connections: 45, cpu_pct: 98 }
const QUEUE: Signals = { aas: 31, aas_lock: 30, aas_cpu: 1, connections: 55, commits_per_s: 30, cpu_pct: 15 }
const load = (statement: string): StatementLoad => ({ statementId: 'q', statement, aas: 20 })

test.each<[string, string, Told]>([
  ['a queue behind somebody at work', 'lock-contention', { during: QUEUE }],
  [
    'a queue behind nobody at work',
    'idle-in-transaction',
    { before: { aas: 0.1, aas_cpu: 0.1 }, during: { ...QUEUE, aas: 30, aas_cpu: 0.1 } },
  ],
  [
    'a queue behind a transaction that the server counts as idle',
    'idle-in-transaction',
    {
      before: { connections_idle_in_transaction: 0.2 },
      during: { ...QUEUE, connections_idle_in_transaction: 1.3 },
    },
  ],
  ['a queue behind commits', 'commit-stall', { during: { ...QUEUE, aas: 43, aas_commit: 12 } }],
  [
    'commits that wait while pages are flushed',
    'commit-stall',
    {
      during: { aas: 21, aas_commit: 20, connections: 45, pages_flushed_per_s: 200 },
      before: { pages_flushed_per_s: 5 },
    },
  ],
  [
    'whole tables sent away',
    'backup',
    { during: { ...BUSY, rows_read_scan_per_s: 50_000 }, load: load('COPY public.orders TO stdout') },
  ],
  [
    'rows made by the thousand',
    'bulk-load',
    {
      during: { ...BUSY, rows_inserted_per_s: 50_000, rows_changed_per_s: 50_000 },
      load: load('insert into orders select 1 from items'),
    },
  ],
  [
    'a statement that nobody called before',
    'query-regression',
    { during: BUSY, load: load('select f(?)'), calls: [0, 40] },
  ],
  [
    'one statement, called six times as often',
    'load-surge',
    { during: { ...BUSY, buffer_reads_per_s: 60_000 }, load: load('select f(?)'), calls: [100, 600] },
  ],
  [
    'the same calls want more CPU, and do no more',
    'cpu-starvation',
    { during: { ...BUSY, commits_per_s: 85 }, load: load('select f(?)'), calls: [100, 98] },
  ],
  ['slots that fill, and nobody works', 'connection-leak', { during: { connections: 92 } }],
  [
    'connections that come and go',
    'connection-storm',
    { during: { connections: 60, connections_opened_per_s: 200 } },
  ],
])('%s: %s', (_, cause, seen) => {
  const { outcome, findings } = diagnose(told(seen), 0)
  expect([outcome, findings[0]?.cause]).toEqual(['diagnosed', cause])
})

test('the statement is the subject', () => {
  const { findings } = diagnose(told({ during: BUSY, load: load('select f(?)'), calls: [0, 40] }), 0)
  expect(findings[0]?.subject).toEqual({ statementId: 'q', statement: 'select f(?)' })
})

test('means of a minute are never quite sure', () => {
  const [finding] = diagnose(told({ during: QUEUE }), 0).findings
  expect(finding?.confidence).toBeLessThan(0.95)
})

test('whose connections fill the slots is not told, so it is not sure', () => {
  const { findings } = diagnose(told({ during: { connections: 92 } }), 0)
  expect(findings[0]?.confidence).toBeLessThanOrEqual(0.65)
  expect(findings[0]?.evidence.some(({ weight }) => weight === 'missing')).toBe(true)
})

test('a batch that reads much and holds up nobody is no incident', () => {
  const batch = {
    during: { aas: 1.6, aas_cpu: 1.6, rows_read_scan_per_s: 50_000, buffer_reads_per_s: 20_000 },
  }
  const { window, ...unmarked } = told(batch)
  expect(diagnose(unmarked, 0).outcome).toBe('healthy')
  expect(diagnose({ ...unmarked, ...(window && { window }) }, 0).outcome).toBe('healthy')
})
