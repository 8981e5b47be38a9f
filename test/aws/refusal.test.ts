// Whatever AWS may answer instead: one line, the right exit code, and the rest of the diagnosis where there is one.
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { gather, rdsTarget } from '../../src/aws/index.ts'
import { AppError } from '../../src/model/index.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import { instance, moved, world } from '../kit/aws/world.ts'
import { evidence } from '../kit/evidence.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE

const here = world()
const fake: Fake = await fakeAws(here)
const CLEAN = { AWS_PROFILE: '', AWS_SESSION_TOKEN: '', HOME: '/nonexistent' }
afterAll(() => fake.close())
beforeEach(() => {
  Object.assign(process.env, CLEAN, fake.env)
  fake.calls.length = 0
  Object.assign(
    here,
    world({
      instances: [instance('orders')],
      parameters: { pg16: { max_connections: '40' } },
      incidents: {
        orders: moved(
          evidence(600, () => ({ signals: { cpu_pct: 5 } })),
          NOW,
        ),
      },
    }),
  )
})

const ask = (target = 'rds:orders@eu-west-1', more: object = {}) =>
  gather(rdsTarget(target), { now: NOW, env: {}, since: NOW - 10 * MINUTE, ...more })

const refused = async (asked: Promise<unknown>) => {
  const error = await asked.then(
    () => undefined,
    thrown => thrown,
  )
  expect(error).toBeInstanceOf(AppError)
  const { code, exit, message, hint } = error as AppError
  expect(`${message} ${hint}`).not.toContain('\n')
  return { code, exit }
}

describe('nothing can be said', () => {
  test('of an instance that is not there', async () => {
    expect(await refused(ask('rds:nope@eu-west-1'))).toEqual({ code: 'instance-unknown', exit: 3 })
  })
  test('of one that is in another region', async () => {
    expect(await refused(ask('rds:orders@eu-west-2'))).toEqual({ code: 'instance-unknown', exit: 3 })
  })
  test('without credentials', async () => {
    delete process.env.AWS_ACCESS_KEY_ID
    delete process.env.AWS_SECRET_ACCESS_KEY
    expect(await refused(ask())).toEqual({ code: 'credentials-missing', exit: 4 })
  })
  test('with a profile that does not exist', async () => {
    expect(await refused(ask(undefined, { profile: 'nobody' }))).toEqual({
      code: 'credentials-missing',
      exit: 4,
    })
  })
  test('with keys that AWS does not know', async () => {
    process.env.AWS_ACCESS_KEY_ID = 'AKIAOTHER'
    expect(await refused(ask())).toEqual({ code: 'credentials-missing', exit: 4 })
  })
  test('with a wrong secret', async () => {
    process.env.AWS_SECRET_ACCESS_KEY = 'wrong'
    expect(await refused(ask())).toEqual({ code: 'credentials-missing', exit: 4 })
  })
  test('in a session that has expired', async () => {
    here.expired = true
    expect(await refused(ask())).toEqual({ code: 'credentials-missing', exit: 4 })
  })
  test('without a region', async () => {
    delete process.env.AWS_REGION
    delete process.env.AWS_DEFAULT_REGION
    expect(await refused(ask('rds:orders'))).toEqual({ code: 'option-invalid', exit: 64 })
  })
  test('where nobody listens', async () => {
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1'
    expect(await refused(ask())).toEqual({ code: 'no-answer', exit: 3 })
  })
  test('of a time that is yet to come', async () => {
    expect(await refused(ask(undefined, { since: NOW + DAY }))).toEqual({ code: 'option-invalid', exit: 64 })
  })
  test.each([
    'rds:',
    'rds:-x',
    'rds:a--b',
    'rds:orders@eu',
    'rds:orders@eu-west-1@x',
    'rds:or ders',
    `rds:${'a'.repeat(64)}`,
  ])('%j is no target', text => {
    expect(() => rdsTarget(text)).toThrow(expect.objectContaining({ code: 'target-unparsable' }))
  })
})

test('the name of an endpoint is a target too', () => {
  const host = 'c9akciq32.eu-west-1.rds.amazonaws.com'
  expect(rdsTarget(`rds:orders.${host}`)).toEqual({ id: 'orders', region: 'eu-west-1' })
  expect(rdsTarget(`rds:Orders.cluster-ro-${host}`)).toEqual({
    id: 'orders',
    region: 'eu-west-1',
    reader: true,
  })
  expect(rdsTarget('rds:orders@us-gov-west-1')).toEqual({ id: 'orders', region: 'us-gov-west-1' })
})

describe('the rest goes on', () => {
  const checks = async (more: object = {}) => {
    const { skipped, evidence: seen, problem } = await ask(undefined, more)
    return { skipped, signals: seen.ticks.at(-1)?.signals ?? {}, problem: problem?.code }
  }

  test.each([
    ['rds:DescribeDBInstances', 'the instance'],
    ['rds:DescribeDBParameters', 'limits of the parameter group'],
    ['rds:DescribeEvents', 'events of RDS'],
    ['rds:DescribeDBProxies', 'RDS proxies'],
    ['pi:GetResourceMetrics', 'load by wait event'],
    ['ec2:DescribeRouteTables', 'network rules'],
  ])('without %s', async (action, check) => {
    here.denied.add(action)
    const { skipped, signals } = await checks()
    expect(skipped).toContainEqual({ check, reason: `${action} is not permitted` })
    expect(signals.cpu_pct).toBeCloseTo(5)
  })

  test('without CloudWatch, on what Performance Insights has', async () => {
    here.denied.add('cloudwatch:GetMetricData')
    const { skipped, signals } = await checks()
    expect(skipped.map(({ check }) => check)).toEqual(['metrics of CloudWatch'])
    expect(signals.aas).toBe(0)
    expect(signals.cpu_pct).toBeUndefined()
  })

  test('until nothing is permitted: then that is the answer', async () => {
    for (const action of ['rds:DescribeDBInstances', 'cloudwatch:GetMetricData']) here.denied.add(action)
    expect((await checks()).problem).toBe('aws-denied')
  })

  test('when Performance Insights is off', async () => {
    here.instances = [instance('orders', { PerformanceInsightsEnabled: false })]
    const { skipped, signals } = await checks()
    expect(skipped.map(({ check }) => check)).toEqual(['load by wait event'])
    expect(signals.cpu_pct).toBeCloseTo(5)
    expect(fake.calls.filter(action => action.startsWith('pi:'))).toEqual([])
  })

  test('when Performance Insights has let go of that time', async () => {
    const then = NOW - 10 * DAY
    here.incidents.orders = moved(
      evidence(600, () => ({ signals: { cpu_pct: 5 } })),
      then,
    )
    const { skipped, signals } = await checks({ since: then - 10 * MINUTE, until: then })
    expect(skipped.map(({ check }) => check)).toEqual(['load by wait event'])
    expect(signals.cpu_pct).toBeCloseTo(5)
  })

  test('of a stopped instance: what was, and that it is stopped', async () => {
    here.instances = [instance('orders', { DBInstanceStatus: 'stopped' })]
    const { signals, problem } = await checks()
    expect(signals.cpu_pct).toBeCloseTo(5)
    expect(problem).toBe('not-ready')
  })

  test('of a deleted instance: what was, and that it is no more', async () => {
    here.instances = []
    here.events = [
      { source: 'orders', at: NOW - MINUTE, message: 'DB instance deleted', categories: ['deletion'] },
    ]
    const { evidence: seen, problem } = await ask()
    expect(problem?.code).toBe('instance-unknown')
    expect(seen.ticks.at(-1)?.signals.cpu_pct).toBeCloseTo(5)
    expect(seen.events.map(({ kind }) => kind)).toEqual(['deletion'])
  })

  test('on a class that Performance Insights has not', async () => {
    here.instances = [
      instance('orders', {
        Engine: 'mysql',
        DBInstanceClass: 'db.t3.micro',
        PerformanceInsightsEnabled: false,
      }),
    ]
    const { skipped } = await checks()
    expect(skipped).toEqual([{ check: 'load by wait event', reason: expect.stringMatching(/db\.t3\.micro/) }])
  })

  test('when there was nothing at that time', async () => {
    here.incidents = {}
    expect((await checks()).problem).toBe('no-answer')
  })

  test('when AWS throttles for a while', async () => {
    here.throttled.set('rds:DescribeDBInstances', 1)
    expect((await checks()).skipped).toEqual([])
  })

  test('when the clock of this machine is an hour off', async () => {
    here.aheadMs = 60 * MINUTE
    expect((await checks()).signals.cpu_pct).toBeCloseTo(5)
  })

  test('until somebody has enough', async () => {
    here.silent.add('pi:GetResourceMetrics')
    const stop = new AbortController()
    const asked = gather(rdsTarget('rds:orders@eu-west-1'), { now: NOW, env: {} }, stop.signal)
    const ended = expect(asked).rejects.toThrow('enough')
    stop.abort(new Error('enough'))
    await ended
  })
})
