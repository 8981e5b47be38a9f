import { describe, expect, test } from 'vitest'
import { evidence, session, times, waiter } from '../../test/kit/evidence.ts'
import { forSeeds, randomTick } from '../../test/kit/property.ts'
import { type Tick, WAIT_CLASSES } from '../model/index.ts'
import { activeByWaitClass, activeSessions, load, loadBy, withSessions } from './aas.ts'

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0)

test('only active sessions are load', () => {
  const { ticks } = evidence(1, () => ({
    sessions: [
      session('1'),
      waiter('2', ['3']),
      session('3', { state: 'idle in transaction' }),
      session('4', { state: 'idle in transaction (aborted)' }),
      session('5', { state: 'starting' }),
      session('6', { state: 'unknown' }),
    ],
  }))
  expect(load(ticks)).toEqual({ aas: 2, byWaitClass: { CPU: 1, Lock: 1 }, ticks: 1, gaps: 0 })
})

test('an active session without a wait is on CPU', () => {
  const { waitClass: _, ...uninstrumented } = session('1')
  const { ticks } = evidence(1, () => ({ sessions: [uninstrumented] }))
  expect(activeByWaitClass(ticks[0]!)).toEqual({ CPU: 1 })
})

test('a gap is no tick: neither load nor a zero', () => {
  const { ticks } = evidence(6, second => ({
    gap: second % 2 === 1,
    sessions: times(4, i => session(`${i}`)),
  }))
  expect(load(ticks)).toEqual({ aas: 4, byWaitClass: { CPU: 4 }, ticks: 3, gaps: 3 })
  expect(activeSessions(ticks[1]!)).toBeUndefined()
  expect(activeByWaitClass(ticks[1]!)).toBeUndefined()
  expect(loadBy(ticks, ({ application }) => application)).toEqual(new Map([['web', 4]]))
})

test('a quiet tick is a tick, and its load is zero', () => {
  const { ticks } = evidence(4, second => ({ sessions: second === 0 ? [session('1'), session('2')] : [] }))
  expect(load(ticks)).toEqual({ aas: 0.5, byWaitClass: { CPU: 0.5 }, ticks: 4, gaps: 0 })
})

test('nothing but gaps has no tick that counts', () => {
  const { ticks } = evidence(3, () => ({ gap: true }))
  expect(load(ticks)).toEqual({ aas: 0, byWaitClass: {}, ticks: 0, gaps: 3 })
  expect(loadBy(ticks, ({ id }) => id).size).toBe(0)
})

test('evidence of signals alone has its load from them', () => {
  const ticks: Tick[] = [
    { t: 0, signals: { aas: 5, aas_cpu: 2, aas_lock: 3 } },
    { t: 1000, signals: { aas: 1, aas_cpu: 1, aas_lock: 0 } },
    { t: 2000, signals: { connections: 7 } },
  ]
  expect(load(ticks)).toEqual({ aas: 3, byWaitClass: { CPU: 1.5, Lock: 1.5 }, ticks: 2, gaps: 1 })
})

test('a total without classes is a total without classes', () => {
  const tick: Tick = { t: 0, signals: { aas: 5 } }
  expect(activeByWaitClass(tick)).toBeUndefined()
  expect(load([tick])).toMatchObject({ aas: 5, byWaitClass: {} })
})

test('every wait class has its signal', () => {
  for (const name of WAIT_CLASSES) {
    const tick = { t: 0, signals: { [`aas_${name.toLowerCase()}`]: 2 } }
    expect(activeByWaitClass(tick)).toEqual({ [name]: 2 })
  }
})

test('samples come before signals', () => {
  const { ticks } = evidence(1, () => ({ sessions: [session('1')], signals: { aas: 9, aas_lock: 9 } }))
  expect(load(ticks)).toMatchObject({ aas: 1, byWaitClass: { CPU: 1 } })
})

test('the classes, and any dimension that everybody has, add up to the total', () => {
  forSeeds(200, random => {
    const { ticks } = evidence(8, () => (random() < 0.2 ? { gap: true } : randomTick(random)))
    const { aas, byWaitClass, ticks: counted, gaps } = load(ticks)
    expect(counted + gaps).toBe(8)
    expect(sum(Object.values(byWaitClass))).toBeCloseTo(aas, 9)
    expect(sum(loadBy(ticks, ({ application }) => application).values())).toBeCloseTo(aas, 9)
    const active = ticks.flatMap(tick => tick.sessions ?? []).filter(({ state }) => state === 'active')
    expect(aas * counted).toBeCloseTo(active.length, 9)
  })
})

test('whoever has no value in a dimension is left out of it', () => {
  const { ticks } = evidence(2, () => ({ sessions: [session('1', { statementId: '7' }), session('2')] }))
  expect(loadBy(ticks, ({ statementId }) => statementId)).toEqual(new Map([['7', 1]]))
})

describe('a tick that was sampled ten times', () => {
  const burst: Tick = {
    t: 0,
    samples: 10,
    signals: { aas: 6, aas_cpu: 2, aas_io: 0.5, aas_lock: 3.5, lock_waiters: 3.5 },
    sessions: [
      session('1'),
      session('2'),
      session('3'),
      session('4'),
      ...['5', '6'].map(id => waiter(id, ['1'])),
    ],
    idle: [],
  }

  test('counts by its means, not by its last sample', () => {
    expect(activeSessions(burst)).toBe(6)
    expect(activeByWaitClass(burst)).toEqual({ CPU: 2, IO: 0.5, Lock: 3.5 })
    expect(load([burst, { ...burst, samples: 1 }]).aas).toBe(6)
  })

  test('without some of its sessions the means shrink with their class', () => {
    const left = withSessions(
      burst,
      burst.sessions!.filter(({ id }) => !['1', '5', '6'].includes(id)),
    )
    expect(activeByWaitClass(left)).toMatchObject({ CPU: 1.5, IO: 0.5, Lock: 0 })
    expect(left.signals).toMatchObject({ aas: 2, lock_waiters: 0 })
    expect(activeSessions(left)).toBe(2)
    expect(activeSessions(withSessions(burst, burst.sessions!))).toBe(6)
  })

  test('with means unknown its sessions are counted', () => {
    expect(activeSessions({ ...burst, signals: {} })).toBe(6)
    expect(activeByWaitClass({ ...burst, signals: {} })).toEqual({ CPU: 4, Lock: 2 })
  })
})
