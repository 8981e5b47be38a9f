import { expect, test } from 'vitest'
import { diagnosis, finding } from '../../../test/kit/diagnosis.ts'
import { evidence, idle, session, type TickSpec, times, waiter } from '../../../test/kit/evidence.ts'
import type { Finding, SessionSample } from '../../model/index.ts'
import { isAdvised } from '../remedy.ts'
import { situation } from '../situation.ts'
import { endSession } from './end-session.ts'

const STARTED = '2026-01-01T11:59:00.000Z'
const HEAD = session('1', {
  state: 'idle in transaction',
  application: 'billing',
  user: 'billing',
  startedAt: STARTED,
})
const calm: TickSpec = { sessions: [session('2')], idle: [idle(5)] }

const weigh = (sessions: SessionSample[], cause: Finding, more: TickSpec = {}) => {
  const given = evidence(20, second => (second < 10 ? calm : { sessions, ...more }))
  const weighed = endSession.weigh(situation(given, diagnosis(given, 10, [cause]), cause))
  if (weighed && !isAdvised(weighed)) throw new Error(weighed.reason)
  return weighed
}
const idleCause = finding('idle-in-transaction', [], { subject: { session: HEAD } })

test('the head is ended, named for ever by its start and by the state it was chosen in', () => {
  const advice = weigh([HEAD, ...times(10, i => waiter(`w${i}`, ['1']))], idleCause)
  expect(advice).toMatchObject({ horizon: 'now', reversible: false, subject: { session: { id: '1' } } })
  expect(advice?.action).toEqual({
    kind: 'end-session',
    session: { id: '1', state: 'idle in transaction', startedAt: STARTED },
  })
  expect(advice?.commands).toEqual(['select pg_terminate_backend(1)'])
})

test('where another cause goes on taking slots, those that come free are taken again', () => {
  const head = session('1', { state: 'idle in transaction', user: 'billing' })
  const leak = finding('connection-leak', [])
  const grows = evidence(30, second => ({
    sessions: second < 10 ? [session('2')] : [head, ...times(second - 9, i => waiter(`w${i}`, ['1']))],
    idle: [idle(second < 10 ? 5 : 5 + Math.floor((second - 9) / 2))],
  }))
  const cause = finding('idle-in-transaction', [], { subject: { session: head } })
  const effect = (...findings: Finding[]) => {
    const weighed = endSession.weigh(situation(grows, diagnosis(grows, 10, findings), cause))!
    if (!isAdvised(weighed)) throw new Error(weighed.reason)
    return weighed.effect
  }
  expect(effect(cause).connectsRecover).toBe(true)
  expect(effect(cause, leak)).toMatchObject({ connectsRecover: false, slots: { after: 37 } })
})

test('what it frees is counted with the pools as they were before', () => {
  const sessions = [HEAD, ...times(10, i => waiter(`w${i}`, ['1']))]
  // web has 12 slots and had 6: six go, and the head's own.
  expect(weigh(sessions, idleCause, { idle: [idle(2)] })?.effect).toMatchObject({
    // The load of peace comes back: one session.
    aas: { before: 10, after: expect.closeTo(1) },
    slots: { before: 14, after: 7 },
    sessionsFreed: 10,
    slotsFreed: 7,
    connectsRecover: true,
  })
})

test('load that has nothing to do with it stays', () => {
  const sessions = [HEAD, ...times(4, i => waiter(`w${i}`, ['1'])), ...times(3, i => session(`c${i}`))]
  expect(weigh(sessions, idleCause)?.effect.aas).toMatchObject({ before: 7, after: 3 })
})

test('a head that works is load itself', () => {
  const working = session('1', { application: 'billing', user: 'billing' })
  const cause = finding('lock-contention', [], { kind: 'row', subject: { session: working } })
  const advice = weigh([working, ...times(4, i => waiter(`w${i}`, ['1']))], cause)
  expect(advice?.effect).toMatchObject({ aas: { before: 5, after: expect.closeTo(1) }, sessionsFreed: 5 })
})

test('of a DDL queue the waiting DDL is ended, not the transaction that it waits for', () => {
  const ddl = waiter('9', ['1'], {
    lock: { kind: 'relation', object: 'orders', exclusive: true },
    user: 'deploy',
  })
  const readers = times(6, i => waiter(`r${i}`, ['9'], { lock: { kind: 'relation', object: 'orders' } }))
  const cause = finding('lock-contention', [], { kind: 'ddl-queue', subject: { session: HEAD } })
  const advice = weigh([HEAD, ddl, ...readers], cause)
  expect(advice?.action?.session).toEqual({ id: '9', state: 'active' })
  expect(advice?.effect).toMatchObject({ sessionsFreed: 7, aas: { before: 7, after: expect.closeTo(1) } })
})

test('a DDL that waits in another tree is not this finding’s', () => {
  const ddl = waiter('9', ['50'], { lock: { kind: 'relation', object: 'items', exclusive: true } })
  const cause = finding('lock-contention', [], { kind: 'ddl-queue', subject: { session: HEAD } })
  expect(weigh([HEAD, waiter('r', ['1']), ddl], cause)?.action?.session.id).toBe('1')
})

test('a session that is gone by now is not ended, nor is one that nobody named', () => {
  expect(weigh([session('2')], idleCause)).toBeUndefined()
  expect(weigh([HEAD], finding('idle-in-transaction', []))).toBeUndefined()
})

test('when other slots stay taken, connections are not promised', () => {
  const sessions = [HEAD, waiter('w', ['1'])]
  expect(weigh(sessions, idleCause, { idle: [idle(33)] })?.effect.connectsRecover).toBe(true)
  expect(weigh(sessions, idleCause, { idle: [idle(36)] })?.effect.connectsRecover).toBe(false)
})
