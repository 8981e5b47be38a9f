import { describe, expect, test } from 'vitest'
import type { LockRow } from './lock.ts'
import { blockersOf, MAX_AHEAD, MAX_HOLDERS, PREPARED, type Queues } from './queue.ts'

const alone: Queues = { leaderOf: (pid: number) => pid, statementAt: () => undefined }

const row = (pid: number | null, mode: string, more: Partial<LockRow> = {}): LockRow => ({
  pid,
  granted: true,
  type: 'relation',
  mode: `${mode}Lock`,
  databaseId: 5,
  relationId: 100,
  page: null,
  tuple: null,
  xid: null,
  virtualXid: null,
  classId: null,
  objId: null,
  objSubId: null,
  waitsSince: null,
  ...more,
})
const waits = (pid: number, mode: string, since: number, more: Partial<LockRow> = {}): LockRow =>
  row(pid, mode, { granted: false, waitsSince: since, ...more })

const found = (rows: LockRow[], queues = alone) => Object.fromEntries(blockersOf(rows, queues))

describe('who blocks whom', () => {
  test('holders in conflict, and no others', () => {
    const rows = [row(1, 'RowExclusive'), row(2, 'AccessShare'), waits(3, 'Share', 1)]
    expect(found(rows)).toEqual({ 3: ['1'] })
  })

  test('readers behind a waiting ALTER TABLE wait for it, not for the reader it waits for', () => {
    const rows = [row(1, 'AccessShare'), waits(2, 'AccessExclusive', 1), waits(3, 'AccessShare', 2)]
    expect(found(rows)).toEqual({ 2: ['1'], 3: ['2'] })
  })

  test('who came later is not in the way', () => {
    const rows = [row(1, 'AccessExclusive'), waits(3, 'AccessShare', 2), waits(2, 'AccessExclusive', 5)]
    expect(found(rows)).toEqual({ 3: ['1'], 2: ['1', '3'] })
  })

  test('who holds what another waits for goes before that one', () => {
    const rows = [
      row(1, 'AccessShare'),
      row(2, 'Share'),
      waits(3, 'RowExclusive', 1),
      waits(2, 'AccessExclusive', 2),
    ]
    expect(found(rows)).toEqual({ 3: ['2'], 2: ['1'] })
  })

  test('another object is another queue', () => {
    const rows = [
      row(1, 'AccessExclusive', { relationId: 101 }),
      row(4, 'Share'),
      waits(2, 'RowExclusive', 1),
    ]
    expect(found(rows)).toEqual({ 2: ['4'] })
  })

  test('a prepared transaction has no pid', () => {
    expect(found([row(null, 'Exclusive'), row(null, 'Share'), waits(2, 'Exclusive', 1)])).toEqual({
      2: [PREPARED],
    })
  })

  test('parallel workers stand for their leader, and never block it', () => {
    const leaderOf = (pid: number) => (pid === 11 || pid === 12 ? 10 : pid)
    const rows = [row(11, 'AccessShare'), row(10, 'AccessShare'), waits(2, 'AccessExclusive', 1)]
    expect(found(rows, { ...alone, leaderOf })).toEqual({ 2: ['10'] })
    expect(found([row(11, 'AccessShare'), waits(12, 'AccessExclusive', 1)], { ...alone, leaderOf })).toEqual(
      {},
    )
    expect(found([row(3, 'Share'), waits(12, 'RowExclusive', 1)], { ...alone, leaderOf })).toEqual({
      10: ['3'],
    })
  })
})

describe('before 14, when nobody says since when it waits', () => {
  const unsure = (pid: number, mode: string) => row(pid, mode, { granted: false })
  const statementAt = (pid: number) => pid

  test('the statements tell the order', () => {
    const rows = [row(1, 'AccessShare'), unsure(5, 'AccessShare'), unsure(4, 'AccessExclusive')]
    expect(found(rows, { ...alone, statementAt })).toEqual({ 4: ['1'], 5: ['4'] })
  })

  test('where they cannot be right, whoever could be in the way is', () => {
    const rows = [row(1, 'AccessShare'), unsure(4, 'AccessShare'), unsure(5, 'AccessExclusive')]
    expect(found(rows, { ...alone, statementAt })).toEqual({ 4: ['5'], 5: ['1', '4'] })
  })
})

describe('limits', () => {
  test('holders and those ahead are named up to a number', () => {
    const holders = Array.from({ length: 300 }, (_, i) => row(1_000 + i, 'AccessShare'))
    const queue = Array.from({ length: 50 }, (_, i) => waits(i + 1, 'AccessExclusive', i))
    const blockers = blockersOf([...holders, ...queue], alone)
    expect(blockers.get(1)).toHaveLength(MAX_HOLDERS)
    expect(blockers.get(50)).toHaveLength(MAX_HOLDERS + MAX_AHEAD)
    expect(blockers.get(50)!.slice(MAX_HOLDERS)).toEqual(
      queue.slice(0, MAX_AHEAD).map(({ pid }) => String(pid)),
    )
  })

  test('20,000 waiters for one lock do not take long: each has the holder', () => {
    const queue = Array.from({ length: 20_000 }, (_, i) =>
      waits(i + 2, 'Exclusive', i, { type: 'tuple', tuple: 1 }),
    )
    const blockers = blockersOf([row(1, 'Exclusive', { type: 'tuple', tuple: 1 }), ...queue], alone)
    expect(blockers.size).toBe(20_000)
    for (const ids of blockers.values()) expect(ids[0]).toBe('1')
  })
})
