import { expect, test } from 'vitest'
import { diagnosis, finding } from '../../../test/kit/diagnosis.ts'
import {
  type EvidenceSpec,
  evidence,
  idle,
  session,
  type TickSpec,
  times,
  waiter,
} from '../../../test/kit/evidence.ts'
import { type Finding, REMEDIES, type RemedyCode } from '../../model/index.ts'
import { isAdvised } from '../remedy.ts'
import { situation } from '../situation.ts'
import { CATALOGUE } from './index.ts'

const weigh = (code: RemedyCode, cause: Finding, now: TickSpec, spec: EvidenceSpec = {}) => {
  const calm: TickSpec = { sessions: [session('2')], idle: [idle(5)] }
  const given = evidence(20, second => (second < 10 ? calm : now), spec)
  const remedy = CATALOGUE.find(other => other.code === code)
  return remedy?.weigh(situation(given, diagnosis(given, 10, [cause]), cause))
}
const advised = (...args: Parameters<typeof weigh>) => {
  const weighed = weigh(...args)
  if (!weighed || !isAdvised(weighed)) throw new Error(`not advised: ${weighed?.reason}`)
  return weighed
}
const isRefused = (...args: Parameters<typeof weigh>): boolean => {
  const weighed = weigh(...args)
  return weighed !== undefined && !isAdvised(weighed)
}

test('every remedy is in the catalogue once', () => {
  expect(CATALOGUE.map(({ code }) => code).sort()).toEqual([...REMEDIES].sort())
})

const capped = finding('role-limit', [], { subject: { user: 'web' } })

test('a role limit is raised into half of the room that the server has', () => {
  // 10 sessions and Spillway’s own of 37: 26 are free, 13 may be given away, but never more than twice the limit.
  const now = { sessions: times(10, i => session(`${i}`)) }
  const { commands, effect, reversible, horizon } = advised('role-limit', capped, now, {
    roleLimits: { web: 10 },
  })
  expect(commands).toEqual(['alter role web connection limit 20'])
  expect(effect.slots).toMatchObject({ before: 11, after: 21 })
  expect([reversible, horizon]).toEqual([true, 'now'])
  const wide = advised('role-limit', capped, now, { roleLimits: { web: 30 } })
  expect(wide.commands).toEqual(['alter role web connection limit 43'])
})

test('a role limit is left alone where the server itself has no room', () => {
  const limits = { roleLimits: { web: 10 } }
  expect(isRefused('role-limit', capped, { idle: [idle(35)] }, limits)).toBe(true)
  expect(isRefused('role-limit', capped, { idle: [idle(34)] }, limits)).toBe(false)
})

test('the limit of a database is its own, and of one without a limit there is nothing to say', () => {
  const database = finding('role-limit', [], { subject: { database: 'Shop' } })
  const { commands } = advised('role-limit', database, {}, { roleLimits: { 'database:Shop': 4 } })
  expect(commands).toEqual(['alter database "Shop" connection limit 8'])
  expect(weigh('role-limit', capped, {})).toBeUndefined()
})

test('pool sizes fit into the usable slots together, with some to spare', () => {
  const pools = ['a', 'b', 'c'].map(application => idle(12, { application }))
  const cause = finding('pools-oversubscribed', [])
  const { effect } = advised('pool-size', cause, { idle: pools })
  // None of them was seen at work: two each is enough, ten of each come free.
  expect(effect).toMatchObject({ slotsFreed: 30, slots: { before: 37, after: 7 }, connectsRecover: true })
})

test('a pool keeps one and a half times what it used at once', () => {
  const now = { sessions: times(8, i => session(`${i}`)), idle: [idle(22)] }
  // 12 of the 30 stay; the 18 that go are idle.
  expect(advised('pool-size', finding('pools-oversubscribed', []), now).effect.slotsFreed).toBe(18)
})

test('each host has a pool of its own, and a size by its own use', () => {
  const hosts = times(3, i => ({ host: `10.0.0.${i + 1}` }))
  const now = {
    sessions: hosts.flatMap((at, i) => times(2, n => session(`${i}-${n}`, at))),
    idle: hosts.map(at => idle(8, at)),
  }
  // Two at once each: three of the ten stay.
  expect(advised('pool-size', finding('pools-oversubscribed', []), now).effect.slotsFreed).toBe(3 * 7)
})

test('pools that all work for what they have get no size', () => {
  const now = { sessions: times(6, i => session(`${i}`)) }
  expect(weigh('pool-size', finding('pools-oversubscribed', []), now)).toBeUndefined()
})

test('idle sessions of the role that leaks are given back, and of no other', () => {
  const leak = finding('connection-leak', [], { subject: { user: 'batch' } })
  const now = { idle: [idle(9), idle(20, { user: 'batch' })] }
  expect(advised('idle-session-timeout', leak, now).effect).toMatchObject({
    slotsFreed: 20,
    aas: { before: 0 },
  })
  expect(weigh('idle-session-timeout', leak, { idle: [idle(9)] })).toBeUndefined()
})

test('a lock timeout is for the roles that queue, and promises no slot', () => {
  const users = ['web', 'Bill"ing', 'web']
  const now = { sessions: users.map((user, i) => waiter(`${i}`, ['1'], { user })) }
  const { commands, effect } = advised('lock-timeout', finding('lock-contention', []), now)
  expect(commands.map(command => command.split(' set ')[0])).toEqual([
    'alter role "Bill""ing"',
    'alter role web',
  ])
  expect(effect.slotsFreed).toBe(0)
  expect(weigh('lock-timeout', finding('lock-contention', []), { sessions: [session('1')] })).toBeUndefined()
})

test('a timeout for open transactions needs one that is open', () => {
  const head = session('1', { state: 'idle in transaction', user: 'billing' })
  const cause = finding('idle-in-transaction', [], { subject: { session: head } })
  const now = { sessions: [head, ...times(4, i => waiter(`w${i}`, ['1']))] }
  const { commands, effect, action } = advised('idle-in-transaction-timeout', cause, now)
  expect(commands[0]).toContain('alter role billing set idle_in_transaction_session_timeout')
  expect(effect).toMatchObject({ sessionsFreed: 4, aas: { before: 4, after: expect.closeTo(1) } })
  expect(action).toBeUndefined()
  expect(weigh('idle-in-transaction-timeout', cause, { sessions: [session('2')] })).toBeUndefined()
})

test('mending a statement takes away what it runs, and the queue in which others stood behind it', () => {
  const dear = finding('query-regression', [], { subject: { statementId: '77', statement: 'select $1' } })
  const now = { sessions: times(9, i => session(`${i}`, i < 6 ? { statementId: '77' } : {})) }
  const { aas, slotsFreed } = advised('mend-statement', dear, now).effect
  // A third of two vCPUs is what the other three offer, and one of them works in peace.
  expect([aas.before, slotsFreed]).toEqual([9, 0])
  expect(aas.after).toBeCloseTo(1)
  // On a machine of sixty nobody queues.
  expect(advised('mend-statement', dear, now, { vcpus: 60 }).effect.aas.after).toBeCloseTo(3)
  expect(weigh('mend-statement', finding('query-regression', []), now)).toBeUndefined()
})

test('a larger instance is for a surge that wants more CPU than there is', () => {
  const surge = finding('load-surge', [])
  const now = { sessions: times(8, i => session(`${i}`)) }
  expect(advised('scale-up', surge, now, { vcpus: 2 }).effect.aas.after).toBeLessThan(8)
  expect(isRefused('scale-up', surge, now, { vcpus: 8 })).toBe(true)
  expect(isRefused('scale-up', finding('query-regression', []), now)).toBe(true)
  expect(isRefused('scale-up', finding('connection-leak', []), { ...now, idle: [idle(20)] })).toBe(true)
  expect(isRefused('scale-up', surge, { sessions: times(8, i => waiter(`${i}`, ['1'])) })).toBe(true)
})

const waiting = (waitClass: 'IO' | 'CPU', signals: TickSpec['signals'] = {}): TickSpec => ({
  sessions: times(10, i => session(`${i}`, { waitClass })),
  signals: { buffer_hit_ratio: 0.8, ...signals },
})

test('storage and a buffer pool of which nothing is known are named to who knows them, where they are the cause', () => {
  const throttled = finding('io-saturation', [])
  expect(advised('storage', throttled, waiting('IO'))).toMatchObject({ steps: [], horizon: 'for-good' })
  expect(isRefused('storage', finding('query-regression', []), waiting('IO'))).toBe(true)
  const small = finding('buffer-pool-small', [])
  const known = advised('buffer-pool', small, waiting('IO', { buffer_size_bytes: 16 * 1024 ** 2 }))
  expect(known.title).toContain('32 MiB instead of 16 MiB')
  expect(known.effect.aas.after).toBeLessThan(known.effect.aas.before)
  expect(advised('buffer-pool', small, waiting('IO')).commands).toEqual([])
  expect(isRefused('buffer-pool', throttled, waiting('IO'))).toBe(true)
})
