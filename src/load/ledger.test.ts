import { expect, test } from 'vitest'
import { evidence, idle, session, type TickSpec, times, waiter } from '../../test/kit/evidence.ts'
import { forSeeds, randomTick } from '../../test/kit/property.ts'
import { idleCount, slotsUsed } from '../model/index.ts'
import { holders, slotsByState } from './ledger.ts'

const tickOf = (spec: TickSpec) => evidence(1, () => spec).ticks[0]!
const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0)

test('every slot stands under one state, what is left is Spillway itself', () => {
  const tick = tickOf({
    sessions: [session('1'), waiter('2', ['3']), session('3', { state: 'idle in transaction' })],
    idle: [idle(4), idle(2, { application: 'billing' })],
  })
  expect(slotsByState(tick)).toEqual({ active: 2, 'idle in transaction': 1, idle: 6, spillway: 1 })
  expect(slotsUsed(tick)).toBe(10)
})

test('a session that is starting holds a slot, unless only reserved ones are left to it', () => {
  const starting = times(3, i => session(`s${i}`, { state: 'starting' }))
  const tick = tickOf({ sessions: [session('1'), ...starting], idle: [idle(5)] })
  expect(slotsByState(tick)).toEqual({ active: 1, starting: 3, idle: 5, spillway: 1 })
  expect(slotsUsed(tick)).toBe(10)
  const full = { ...tick, signals: { ...tick.signals, usable_slots: 8 } }
  expect(slotsUsed(full)).toBe(8)
  // Ordinary clients in reserved slots (superusers) are there to stay.
  expect(slotsUsed({ ...tick, signals: { ...tick.signals, usable_slots: 5 } })).toBe(7)
})

test('a gap has no ledger', () => {
  const tick = tickOf({ gap: true })
  expect(slotsUsed(tick)).toBeUndefined()
  expect(slotsByState(tick)).toEqual({})
  expect(holders(tick)).toEqual([])
})

test('without the server’s own count the sessions are counted', () => {
  const tick = { t: 0, signals: {}, sessions: [session('1')], idle: [idle(3)] }
  expect(slotsUsed(tick)).toBe(4)
  expect(slotsByState(tick)).toEqual({ active: 1, idle: 3 })
})

test('a count without sessions is a level without a ledger', () => {
  const tick = { t: 0, signals: { connections: 12 } }
  expect(slotsUsed(tick)).toBe(12)
  expect(slotsByState(tick)).toEqual({})
})

test('the states add up to the connections, the holders to the sessions', () => {
  forSeeds(300, random => {
    const tick = tickOf(randomTick(random))
    const { connections } = tick.signals
    expect(sum(Object.values(slotsByState(tick)))).toBe(connections)
    expect(slotsUsed(tick)).toBe(connections!)
    const found = holders(tick)
    expect(sum(found.map(({ slots }) => slots))).toBe(tick.sessions!.length + idleCount(tick))
    for (const holder of found) {
      expect(holder.active + holder.idle + holder.idleInTransaction).toBeLessThanOrEqual(holder.slots)
      expect(holder.waiting).toBeLessThanOrEqual(holder.active)
    }
    const sizes = found.map(({ slots }) => slots)
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
  })
})

test('a holder is a user, an application and a host together', () => {
  const tick = tickOf({
    sessions: [
      session('1'),
      waiter('2', ['9'], { host: '10.0.0.2' }),
      session('3', { state: 'idle in transaction (aborted)' }),
    ],
    idle: [idle(2), idle(1, { user: 'ops' })],
  })
  const empty = { active: 0, idle: 0, idleInTransaction: 0, waiting: 0 }
  const web = { user: 'web', application: 'web', host: '10.0.0.1' }
  expect(holders(tick)).toEqual([
    { ...empty, ...web, slots: 4, active: 1, idle: 2, idleInTransaction: 1 },
    { ...empty, ...web, host: '10.0.0.2', slots: 1, active: 1, waiting: 1 },
    { ...empty, ...web, user: 'ops', slots: 1, idle: 1 },
  ])
})

test('names that touch do not merge two holders', () => {
  const tick = tickOf({
    sessions: [
      session('1', { user: 'a', application: 'b c' }),
      session('2', { user: 'a b', application: 'c' }),
    ],
  })
  expect(holders(tick)).toHaveLength(2)
})
