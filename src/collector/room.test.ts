import { describe, expect, test } from 'vitest'
import { LIMITS, sampleOf } from '../../test/kit/scripted.ts'
import type { IdleGroup, Limits, ServerFacts } from '../model/index.ts'
import { tooCrowded } from './room.ts'

const facts: ServerFacts = {
  target: { name: 'x', engine: 'postgres', user: 'spillway', database: 'orders' },
  limits: LIMITS,
  seesAll: true,
  hasReservedSlot: false,
  sameHost: false,
}

const isHeldBack = (used: number, more: Partial<ServerFacts> = {}, limits: Limits = LIMITS) => {
  const { sessions, idle, signals } = sampleOf({ used })
  const tick = { t: 0, sessions, idle, signals: { ...signals, usable_slots: 97 } }
  return tooCrowded({ tick, limits, facts: { ...facts, ...more } }) !== undefined
}

describe('slots of the server, 97 of 100 usable', () => {
  test.each([
    ['room', 94, false],
    ['two left', 95, true],
    ['one left', 96, true],
    ['none left: refused at once', 97, false],
    ['one reserved slot left, which a refused client would have for a moment', 99, true],
    ['not even that: refused at once', 100, false],
  ])('%s', (_, used, held) => expect(isHeldBack(used)).toBe(held))

  test.each([
    ['room', 94, false],
    ['one left', 96, true],
    ['none left: it would take a reserved one', 97, true],
    ['nothing left at all: refused at once', 100, false],
  ])('for a role that may take reserved ones: %s', (_, used, held) =>
    expect(isHeldBack(used, { hasReservedSlot: true })).toBe(held),
  )

  test('without reserved slots none is left to anybody', () => {
    expect(isHeldBack(100, {}, { maxConnections: 100, reserved: {} })).toBe(false)
    expect(isHeldBack(99, {}, { maxConnections: 100, reserved: {} })).toBe(true)
  })

  test('a gap tells nothing', () =>
    expect(tooCrowded({ tick: { t: 0, signals: {} }, limits: LIMITS, facts })).toBeUndefined())
})

describe('limits of the own role and database', () => {
  const held = (roleLimits: Record<string, number>, ...idle: IdleGroup[]) => {
    const others = idle.reduce((sum, { count }) => sum + count, 0)
    // Spillway's own connection is counted by the server, and shown in no sample.
    const tick = { t: 0, sessions: [], idle, signals: { connections: others + 1 } }
    return tooCrowded({ tick, limits: { ...LIMITS, roleLimits }, facts }) !== undefined
  }
  const group = (user: string, database: string, count: number) => ({
    user,
    database,
    count,
    oldestStateAgeMs: 0,
  })

  test('a role that is Spillway’s alone takes nothing from anybody', () =>
    expect(held({ spillway: 3 }, group('web', 'shop', 9))).toBe(false))
  test('a role that is shared: one left', () =>
    expect(held({ spillway: 5 }, group('spillway', 'shop', 3))).toBe(true))
  test('a role that is shared: none left', () =>
    expect(held({ spillway: 5 }, group('spillway', 'shop', 4))).toBe(false))
  test('a role that is shared: room', () =>
    expect(held({ spillway: 9 }, group('spillway', 'shop', 4))).toBe(false))
  test('the database: two left', () =>
    expect(held({ 'database:orders': 10 }, group('web', 'orders', 7))).toBe(true))
  test('another one’s limits do not bind', () =>
    expect(held({ web: 10, 'database:shop': 10 }, group('web', 'shop', 8))).toBe(false))
})
