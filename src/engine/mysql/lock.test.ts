import { expect, test } from 'vitest'
import { headsOf, type MetadataLock, metadataWaits, placeOf, rowWaits, type Transaction } from './lock.ts'

const open = (id: string, waitsFor?: string, waitMs = 0): Transaction => ({
  trx: `t${id}`,
  id,
  waits: waitsFor !== undefined,
  lockId: waitsFor === undefined ? null : `t${id}:${waitsFor}`,
  ...(waitsFor !== undefined && { place: placeOf(`t${id}:${waitsFor}`, false) }),
  ms: 0,
  waitMs,
})

test.each([
  ['62:5:3:2', false, '5:3:2'],
  ['62:77', false, '77'],
  ['140:2:4:3:9911', true, '2:4:3'], // MySQL 8
  ['140:1064:9911', true, '1064'],
  ['140:136:2:4:3:9911', true, '2:4:3'], // MySQL 9 has a count in it
  ['140:136:1064:9911', true, '1064'],
] as const)('the place of lock %s', (id, hasAddress, place) => {
  expect(placeOf(id, hasAddress)).toBe(place)
})

test('one of each queue is asked for, the one that has waited longest', () => {
  const queue = [open('1'), open('2', '5:3:2', 100), open('3', '5:3:2', 900), open('4', '5:3:9', 50)]
  expect(headsOf(queue)).toEqual(['t3:5:3:2', 't4:5:3:9'])
  const many = Array.from({ length: 500 }, (_, i) => open(`${i}`, `1:1:${i}`, i))
  expect(headsOf(many)).toHaveLength(64)
})

test('all of a queue stand behind its holder, and none behind another waiter', () => {
  const transactions = [open('1'), open('2', '5:3:2', 900), open('3', '5:3:2', 100), open('4', '5:3:9')]
  const blockers = ['t1', 't2', 't3'].map(trx => ({ lockId: 't2:5:3:2', trx }))
  const locks = [{ lockId: 't2:5:3:2', type: 'RECORD', name: '`app`.`h``ot` /* Partition `p0` */' }]
  const waits = rowWaits(transactions, blockers, locks)
  expect(waits.get('2')).toEqual({ lock: { kind: 'row', object: 'h`ot' }, blockedBy: ['1'] })
  expect(waits.get('3')?.blockedBy).toEqual(['1'])
  expect(waits.get('4')).toEqual({ lock: { kind: 'row' } })
  expect(waits.has('1')).toBe(false)
})

test('who holds this and waits for that is a link of the chain', () => {
  const transactions = [open('1'), open('2', '5:3:9'), open('3', '5:3:2')]
  const blockers = [
    { lockId: 't3:5:3:2', trx: 't2' },
    { lockId: 't2:5:3:9', trx: 't1' },
  ]
  const waits = rowWaits(transactions, blockers, [])
  expect([waits.get('3')?.blockedBy, waits.get('2')?.blockedBy]).toEqual([['2'], ['1']])
})

test('a prepared transaction has no session', () => {
  const waits = rowWaits([open('0'), open('2', '1:1:1')], [{ lockId: 't2:1:1:1', trx: 't0' }], [])
  expect(waits.get('2')?.blockedBy).toEqual(['prepared transaction'])
})

const lock = (id: string, mode: string, waits: 0 | 1, type = 'TABLE'): MetadataLock => ({
  ...{ id, mode, waits, type },
  db: 'app',
  name: 'orders',
})

test('a DDL queue: the DDL behind the reader, later readers behind the DDL', () => {
  const waits = metadataWaits([
    lock('1', 'SHARED_READ', 0),
    lock('2', 'SHARED_UPGRADABLE', 0),
    lock('2', 'EXCLUSIVE', 1),
    lock('3', 'SHARED_READ', 1),
    lock('4', 'SHARED_WRITE', 1),
  ])
  expect(waits.get('2')).toEqual({
    lock: { kind: 'metadata', object: 'orders', exclusive: true },
    blockedBy: ['1'],
  })
  expect([waits.get('3')?.blockedBy, waits.get('4')?.blockedBy]).toEqual([['2'], ['2']])
})

test('LOCK TABLES, named locks, and holders that are in nobody’s way', () => {
  const held = metadataWaits([
    lock('1', 'SHARED_NO_READ_WRITE', 0),
    lock('2', 'SHARED_READ', 0),
    lock('3', 'SHARED_READ', 1),
  ])
  expect(held.get('3')?.blockedBy).toEqual(['1'])
  const named = metadataWaits([
    { ...lock('1', 'EXCLUSIVE', 0, 'USER LEVEL LOCK'), db: null, name: 'nightly' },
    { ...lock('2', 'EXCLUSIVE', 1, 'USER LEVEL LOCK'), db: null, name: 'nightly' },
  ])
  expect(named.get('2')).toEqual({ lock: { kind: 'advisory', object: 'nightly' }, blockedBy: ['1'] })
})
