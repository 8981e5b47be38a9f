// RDS Proxy: made, sized, the database put behind it, and only done when it reaches it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JournalEntry, Step } from '../../src/model/index.ts'
import { apply, Crash, changesOf, fromSteps, manual, takeBack } from '../kit/aws/applying.ts'
import { changeable } from '../kit/aws/changeable.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import type { Described, World } from '../kit/aws/world.ts'

let here: World
let fake: Fake
const begin = async () => {
  here = changeable()
  fake = await fakeAws(here)
  for (const [name, value] of Object.entries(fake.env)) process.env[name] = value
}
beforeEach(begin)
afterEach(() => fake.close())

const LOGIN = {
  proxy_secret: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-AbCdEf',
  proxy_role: 'arn:aws:iam::123456789012:role/proxy',
}
const ALL = { proxy: 'yes', proxy_percent: '40', ...LOGIN }
const CALLS = ['rds:CreateDBProxy', 'rds:ModifyDBProxyTargetGroup', 'rds:RegisterDBProxyTargets']
const pool = (i = 0) => here.proxies[i]!.group.ConnectionPoolConfig
const targets = () => here.proxies[0]!.targets
const groups = () => here.network.groups[0]!.ipPermissions as Described[]

test('a proxy in the subnets of the instance, with the pool of the plan, that reaches it', async () => {
  const { operations, steps, notes } = await manual('orders', { ...ALL, proxy_borrow: '15' })
  expect(steps).toMatchObject([
    { what: { kind: 'proxy', percent: 40, subnets: ['subnet-a', 'subnet-b'] }, after: 'orders-proxy' },
  ])
  expect(notes.join()).toContain('endpoint')
  const said: string[] = []
  expect((await apply('orders', operations, { said })).outcome).toBe('in-place')
  expect(changesOf(fake.calls)).toEqual(CALLS)
  expect(here.proxies[0]!.proxy).toMatchObject({
    EngineFamily: 'POSTGRESQL',
    Status: 'available',
    VpcSubnetIds: ['subnet-a', 'subnet-b'],
    VpcSecurityGroupIds: ['sg-db'],
    RequireTLS: true,
  })
  expect(operations[0]!.title).toContain(', TLS required')
  expect(pool()).toEqual({
    MaxConnectionsPercent: 40,
    MaxIdleConnectionsPercent: 20,
    ConnectionBorrowTimeout: 15,
  })
  expect(targets()).toMatchObject([{ RdsResourceId: 'orders', TargetHealth: { State: 'AVAILABLE' } }])
  expect(said.join('\n')).toContain('PENDING_PROXY_CAPACITY')
  expect(said.at(-1)).toContain('orders-proxy.proxy-')
})

test('without TLS only where somebody says so, and then it is said', async () => {
  const { operations, steps } = await manual('orders', { ...ALL, proxy_tls: 'no' })
  expect(operations[0]!.title).toContain('TLS not required')
  expect((await fromSteps('orders', steps)).operations[0]!.call).toMatchObject({ tls: false })
  await apply('orders', operations)
  expect(here.proxies[0]!.proxy).toMatchObject({ RequireTLS: false })
  const { notes } = await manual('orders', { proxy: 'orders-proxy', proxy_percent: '20' })
  expect(notes.join()).toMatch(/without TLS.*--require-tls/)
  await expect(manual('orders', { ...ALL, proxy_tls: 'maybe' })).rejects.toMatchObject({
    code: 'option-invalid',
  })
})

test('a size is a share of what the database takes', async () => {
  const sized = await manual('orders', { proxy: 'yes', proxy_size: '100', ...LOGIN })
  const most = Number(/(\d+) connections/.exec(sized.operations[1]!.title)?.[1])
  expect(most).toBeGreaterThanOrEqual(100)
  expect(most).toBeLessThan(125)
  await expect(manual('orders', { proxy: 'yes', proxy_size: '9000', ...LOGIN })).rejects.toThrow(/a pool of/)
})

test('a cluster is put behind it as a whole', async () => {
  const { operations } = await manual('sea-1', ALL)
  expect((await apply('sea-1', operations)).outcome).toBe('in-place')
  expect(targets()).toMatchObject([{ TrackedClusterId: 'sea' }])
})

test('one that is there gets another pool, and a second run of a plan does nothing', async () => {
  const { operations, steps } = await manual('orders', ALL)
  await apply('orders', operations)
  const entries: JournalEntry[] = []
  const smaller = await manual('orders', { proxy: 'orders-proxy', proxy_percent: '20' })
  await apply('orders', smaller.operations, { entries })
  expect(changesOf(fake.calls)).toEqual([...CALLS, 'rds:ModifyDBProxyTargetGroup'])
  expect(pool()).toMatchObject({ MaxConnectionsPercent: 20, ConnectionBorrowTimeout: 30 })
  expect((await takeBack('orders', entries)).outcome).toBe('rolled-back')
  expect(pool()).toMatchObject({ MaxConnectionsPercent: 40, MaxIdleConnectionsPercent: 20 })
  expect((await fromSteps('orders', steps)).operations).toEqual([])
  await expect(manual('orders', ALL)).rejects.toThrow(/orders-proxy is before it already/)
})

test('whether it will be let in is said before, and can be part of the plan', async () => {
  expect((await manual('orders', ALL)).notes.join()).not.toContain('allow=')
  groups().splice(0)
  expect((await manual('orders', ALL)).notes.join()).toContain('--set allow=sg-db')
  const both = await manual('orders', { ...ALL, allow: 'sg-db' })
  expect(both.notes.join()).not.toContain('--set allow')
  expect(both.operations.map(({ call }) => call.kind)).toEqual([
    'ingress',
    'create-proxy',
    'proxy-pool',
    'proxy-target',
  ])
})

const IMPOSSIBLE: [string, () => void, Record<string, string>, RegExp][] = [
  [
    'what is missing is one line',
    () => {},
    { proxy: 'yes' },
    /--set proxy_secret=ARN.*and --set proxy_role=ARN/,
  ],
  ['a secret that is none', () => {}, { ...ALL, proxy_secret: 'hunter2' }, /no ARN of a secret/],
  ['one subnet', () => {}, { ...ALL, proxy_subnets: 'subnet-a' }, /two zones/],
  ['percent beyond all', () => {}, { ...ALL, proxy_percent: '101' }, /1 to 100/],
  ['a wait without end', () => {}, { ...ALL, proxy_borrow: '900' }, /300 s/],
  [
    'a replica',
    () => Object.assign(here.instances[0]!, { ReadReplicaSourceDBInstanceIdentifier: 'billing' }),
    ALL,
    /no read replica/,
  ],
  [
    'a subnet without an address',
    () => Object.assign(here.network.subnets[1]!, { availableIpAddressCount: 0 }),
    ALL,
    /no free address/,
  ],
  [
    'a proxy of another database',
    () =>
      here.proxies.push({
        proxy: { DBProxyName: 'theirs', EngineFamily: 'POSTGRESQL', VpcId: 'vpc-1', Status: 'available' },
        group: { ConnectionPoolConfig: {} },
        targets: [{ RdsResourceId: 'billing' }],
      }),
    { ...ALL, proxy: 'theirs' },
    /before another database/,
  ],
]
test.each(IMPOSSIBLE)('%s is refused', async (_, arrange, settings, why) => {
  arrange()
  await expect(manual('orders', settings)).rejects.toMatchObject({
    code: 'plan-impossible',
    message: expect.stringMatching(why),
  })
  expect(changesOf(fake.calls)).toEqual([])
})

test('a plan that names no login is refused with what to add, before anything is sent', async () => {
  const step: Step = {
    actuator: 'rds',
    what: { kind: 'proxy', size: 20 },
    before: null,
    after: 'orders-proxy',
    reversible: false,
    outage: 'none',
    verify: ['api'],
  }
  await expect(fromSteps('orders', [step])).rejects.toThrow(/proxy_secret=ARN/)
})

describe('what goes wrong', () => {
  test.each([
    ['incompatible-network', /incompatible-network/],
    ['insufficient-resource-limits', /insufficient-resource-limits/],
  ])('a proxy that becomes %s stays, and the rest is taken back', async (fate, why) => {
    const { operations } = await manual('orders', { ...ALL, allow: '192.168.1.5' })
    here.fates['orders-proxy'] = fate
    const applied = await apply('orders', operations)
    expect(applied).toMatchObject({ outcome: 'rollback-incomplete', because: expect.stringMatching(why) })
    expect(applied.operations.map(({ state }) => state)).toEqual([
      'taken-back',
      'left',
      'not-done',
      'not-done',
    ])
    expect(groups()).toHaveLength(1)
  })

  test.each(['AUTH_FAILURE', 'UNREACHABLE', 'CONNECTION_FAILED'])(
    '%s ends it with that reason, and the target is let go',
    async fate => {
      const { operations } = await manual('orders', ALL)
      here.fates['target:orders-proxy'] = fate
      const said: string[] = []
      const applied = await apply('orders', operations, { said })
      expect(applied).toMatchObject({
        outcome: 'rollback-incomplete',
        because: expect.stringContaining(fate),
      })
      // What to do about it is said as well.
      expect(said.join('\n')).toMatch(/secret|security group|describe-db-proxy-targets/)
      expect(applied.operations.map(({ state }) => state)).toEqual(['left', 'taken-back', 'taken-back'])
      expect(targets()).toEqual([])
    },
  )

  test('a quota, and a target that never gets there', async () => {
    const { operations } = await manual('orders', ALL)
    here.quota.proxies = 0
    expect(await apply('orders', operations)).toMatchObject({
      because: expect.stringContaining('DBProxyQuotaExceeded'),
      outcome: 'rolled-back',
    })
    here.quota.proxies = 20
    const entries: JournalEntry[] = []
    await expect(apply('orders', operations, { entries, most: 8 })).rejects.toBeInstanceOf(Crash)
    here.stuck = true
    await expect(apply('orders', operations, { entries })).rejects.toMatchObject({ code: 'not-in-time' })
    here.stuck = false
    expect((await apply('orders', operations, { entries })).outcome).toBe('in-place')
  })

  test('a crash at every entry, there and back, sends nothing twice', async () => {
    const whole: JournalEntry[] = []
    await apply('orders', (await manual('orders', ALL)).operations, { entries: whole })
    await takeBack('orders', whole)
    const calls = changesOf(fake.calls)
    expect(calls).toEqual([...CALLS, 'rds:DeregisterDBProxyTargets', 'rds:ModifyDBProxyTargetGroup'])
    for (let most = 1; most < whole.length; most++) {
      await fake.close()
      await begin()
      const { operations } = await manual('orders', ALL)
      const entries: JournalEntry[] = []
      await apply('orders', operations, { entries, most }).catch(() =>
        apply('orders', operations, { entries }),
      )
      await takeBack('orders', entries, { most: Math.max(0, most - entries.length + 1) }).catch(
        () => undefined,
      )
      const back =
        entries.at(-1)?.event === 'end' && entries.filter(({ event }) => event === 'end').length > 1
      if (!back) await takeBack('orders', entries)
      expect({ most, calls: changesOf(fake.calls) }).toEqual({ most, calls })
      expect(targets()).toEqual([])
    }
  })
})
