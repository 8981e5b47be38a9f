// Who causes and who suffers, in incidents whose statements are known.
import { expect, test } from 'vitest'
import { evidence, session, T0, type TickSpec, times, waiter } from '../../test/kit/evidence.ts'
import type { Evidence, SessionSample } from '../model/index.ts'
import { diagnose } from './index.ts'

const running = (statementId: string, n: number): SessionSample[] =>
  times(n, i => session(`${statementId}${i}`, { state: 'active', waitClass: 'CPU', statementId }))

/** Twenty ticks before, twenty during. */
const beside = (before: SessionSample[], during: SessionSample[], signals: TickSpec['signals'] = {}) =>
  evidence(40, second => ({ sessions: second < 20 ? before : during, signals }))

/** Calls a second of some statements, read every ten ticks. */
const counted = (e: Evidence, callsAt: (second: number) => Record<string, number>): Evidence => ({
  ...e,
  statements: [10, 20, 30, 39].flatMap(second =>
    Object.entries(callsAt(second)).map(([statementId, perS]) => ({
      t: T0 + second * 1000,
      statementId,
      calls: 10 * perS,
      totalMs: 100,
    })),
  ),
})

const told = (e: Evidence) =>
  (diagnose(e, T0).statements ?? []).map(({ statementId, role, aas }) => [
    statementId,
    role,
    Math.round(10 * aas.returns) / 10,
  ])

test('one that is dearer makes the others slower: what they suffer is charged to it', () => {
  const e = beside(
    [...running('report', 1), ...running('read', 1), ...running('list', 1)],
    [...running('report', 12), ...running('read', 3), ...running('list', 3)],
  )
  // Its own 11, less what it suffers as they do (2), and what all three suffer (6).
  expect(told(e)).toEqual([
    ['report', 'causes', 15],
    ['read', 'suffers', 0],
    ['list', 'suffers', 0],
  ])
})

test('all slower by the same factor, with the same calls: none of them is at fault', () => {
  const e = beside(
    [...running('read', 1), ...running('list', 2)],
    [...running('read', 5), ...running('list', 10)],
  )
  expect(told(e)).toEqual([
    ['list', 'suffers', 0],
    ['read', 'suffers', 0],
  ])
})

test('one alone suffers where no more rows are read than before', () => {
  const signals = { rows_read_scan_per_s: 1000 }
  expect(told(beside(running('read', 1), running('read', 9), signals))).toEqual([['read', 'suffers', 0]])
  expect(told(beside(running('read', 1), running('read', 9)))).toEqual([['read', 'causes', 8]])
})

test('more calls are its own doing, and are told from longer ones', () => {
  const e = counted(
    beside(
      [...running('search', 1), ...running('read', 2)],
      [...running('search', 12), ...running('read', 6)],
    ),
    second => ({ search: second > 20 ? 60 : 15, read: 100 }),
  )
  const [first] = diagnose(e, T0).statements!
  expect(first).toMatchObject({
    statementId: 'search',
    role: 'causes',
    callsPerS: { before: 15 },
  })
  expect(first!.byCalls! + first!.byTime!).toBeCloseTo(11)
  expect(first!.byCalls).toBeGreaterThan(5)
})

test('who waits for a lock suffers from the statement at the head; an idle head has none', () => {
  const waiting = times(8, i => waiter(`w${i}`, ['h'], { statementId: 'update' }))
  const head = session('h', { state: 'active', waitClass: 'Timeout', statementId: 'sleep' })
  expect(told(beside(running('read', 1), [head, ...waiting]))).toEqual([
    ['sleep', 'causes', 9],
    ['update', 'suffers', 0],
  ])
  const idle = session('h', { state: 'idle in transaction', statementId: 'sleep' })
  expect(told(beside(running('read', 1), [idle, ...waiting]))).toEqual([['update', 'suffers', 0]])
})

test('without a baseline, or without an incident, nothing is said of statements', () => {
  expect(told(evidence(20, () => ({ sessions: running('report', 12) })))).toEqual([])
  expect(told(evidence(20, () => ({ sessions: running('report', 1) })))).toEqual([])
})
