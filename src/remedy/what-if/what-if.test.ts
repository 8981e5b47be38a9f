// Settings together: each alone, any combination, and what makes no sense.
import { describe, expect, test } from 'vitest'
import { MARKET, onRds } from '../../../test/kit/cloud.ts'
import { diagnosis } from '../../../test/kit/diagnosis.ts'
import { evidence, idle, session, times, waiter } from '../../../test/kit/evidence.ts'
import { forSeeds } from '../../../test/kit/property.ts'
import type { Evidence } from '../../model/index.ts'
import { predict } from '../predict.ts'
import { scene } from '../situation.ts'
import { refuseUnknownSettings, whatIf } from './index.ts'

const HEAD = session('1', { state: 'idle in transaction', stateAgeMs: 90_000 })
const given = evidence(
  20,
  () => ({
    sessions: [
      HEAD,
      ...times(6, i => session(`c${i}`)),
      ...times(4, i => waiter(`w${i}`, ['1'], { stateAgeMs: 8000 })),
    ],
    idle: [
      idle(40),
      idle(20, { application: 'batch', user: 'batch', oldestStateAgeMs: 900_000, unusedCount: 15 }),
    ],
    signals: { commits_per_s: 100 },
  }),
  { maxConnections: 100 },
)
const of = (evidence: Evidence) => scene(evidence, diagnosis(evidence, 10, []), MARKET)
const CLOUD = of(onRds(given))
const ask = (text: string, s = CLOUD) => whatIf(s, text)

describe('one setting', () => {
  test('that is what there is, changes nothing', () => {
    const { effect, outage, price, steps } = ask('class=db.r9.1,max_connections=100')
    expect(effect.usable).toBe(97)
    expect(effect.slots).toMatchObject({ before: effect.slots.after })
    expect([outage, price.usd, steps.length]).toEqual(['restart', 0, 1])
  })

  test('of a pool takes its idle sessions only', () => {
    // The pool of batch has 20, all idle; web has 11 that hold something.
    expect(ask('pool.batch=5').effect.slotsFreed).toBe(15)
    const web = ask('pool.web=6')
    expect(web.effect.slotsFreed).toBe(40)
    expect(web.notes.join()).toContain('5 of its sessions')
  })

  test('of a timeout ends what is older', () => {
    const idles = ask('idle_in_transaction_session_timeout=60s')
    expect(idles.effect.byWaitClass).not.toHaveProperty('Lock')
    expect(idles.steps[0]).toMatchObject({ actuator: 'rds', after: 60_000, what: { unit: 'ms' } })
    expect(ask('idle_in_transaction_session_timeout=2min').effect.byWaitClass!.Lock).toBe(4)
    expect(ask('lock_timeout=5s').effect.sessionsFreed).toBe(4)
    expect(ask('idle_session_timeout=5min').effect.slotsFreed).toBe(15)
    expect(ask('wait_timeout=600').steps[0]).toMatchObject({ after: 600, what: { unit: 's' } })
    // Together with what holds for everybody something is promised of the sessions of now.
    expect(ask('lock_timeout=5s').forNewSessions).toBe(true)
    expect(ask('lock_timeout=5s,max_connections=200').forNewSessions).toBeUndefined()
    expect(ask('authentication_timeout=5s').forNewSessions).toBeUndefined()
  })

  test('of a class brings its own ceiling, unless one was asked for', () => {
    expect(ask('class=db.r9.2').effect.usable).toBe(197)
    expect(ask('max_connections=150,class=db.r9.2').effect.usable).toBe(147)
    expect(ask('class=db.r9.2,max_connections=150').effect.usable).toBe(147)
  })

  test('more connections than the memory carries are answered with a warning', () => {
    expect(ask('max_connections=800').notes.join()).toContain('incompatible-parameters')
    expect(ask('max_connections=800,class=db.r9.8').notes.join()).not.toContain('incompatible-parameters')
  })
})

test('prices add up, and one that is unknown makes the sum unknown', () => {
  expect(ask('class=db.r9.2,readers=1').price.usd).toBe(73 + 73)
  expect(ask('vcpus=8,readers=1').price).not.toHaveProperty('usd')
})

test('any combination is answered, and says the same whatever the order', () => {
  const all = [
    'class=db.r9.4',
    'max_connections=300',
    'pool.web=12',
    'pool.batch=3',
    'lock_timeout=5s',
    'load=1.5',
    'storage=600',
    'iops=20000',
    'buffer_pool=40%',
    'pooler=20',
  ]
  forSeeds(40, random => {
    const some = all.filter(() => random() < 0.5)
    if (some.length === 0) return
    const [one, other] = [ask(some.join(',')), ask([...some].reverse().join(','))]
    expect(one.effect).toEqual({ ...other.effect, summary: one.effect.summary })
    expect(one.price).toEqual(other.price)
    expect(Number.isFinite(one.effect.aas.after)).toBe(true)
  })
})

test('replicas and a proxy are steps that can be applied', () => {
  expect(ask('readers=2,pooler=20').steps).toMatchObject([
    { actuator: 'rds', what: { kind: 'read-replica' } },
    { actuator: 'rds', what: { kind: 'read-replica' } },
    { actuator: 'rds', what: { kind: 'proxy', size: 20 } },
  ])
})

test('what is asked for is what the model says of it', () => {
  expect(ask('load=2').effect.aas).toEqual(predict(CLOUD, { requests: 2 }).aas)
})

test.each([
  'nonsense',
  '',
  'class',
  'class=',
  '=5',
  'clas=x',
  'class=db.nope',
  'max_connections=many',
  'max_connections=-5',
  'max_connections=1e3',
  'pool.=3',
  'pool.nobody=3',
  'pool.web=0',
  'pool.web=2.5',
  'storage=510',
  'storage=10',
  'max_allocated_storage=520',
  'lock_timeout=soon',
  'lock_timeout=-1s',
  'wait_timeout=1.5s',
  'buffer_pool=120%',
  'buffer_pool=64GiB',
  'load=much',
  'vcpus=0',
  'readers=99',
  'load=1,load=2',
  '__proto__=1',
  'toString=1',
])('%j is refused', text => {
  expect(() => ask(text)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
})

test('without a cloud a class makes no sense, and everything else does', () => {
  const here = scene(given, diagnosis(given, 10, []))
  expect(() => ask('class=db.r9.2', here)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  expect(ask('vcpus=8,max_connections=200,pool.web=12', here).steps).toMatchObject([
    {
      actuator: 'sql',
      what: { kind: 'setting', name: 'max_connections', needsRestart: true },
      before: 100,
      after: 200,
    },
  ])
})

test('what no database is needed for is refused before one is watched', () => {
  const refused = expect.objectContaining({ code: 'option-invalid' })
  for (const text of ['class=', 'colour=red', 'max_connections=1,max_connections=2'])
    expect(() => refuseUnknownSettings(text)).toThrow(refused)
  expect(() => refuseUnknownSettings('max_connections=800,pool.web=6')).not.toThrow()
})
