// The sources beside the metrics: logs, proxies, network, limits.
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { gather, rdsTarget } from '../../src/aws/index.ts'
import { CLOUD_READERS } from '../../src/engines.ts'
import type { Tick } from '../../src/model/index.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import { instance, moved, type World, world } from '../kit/aws/world.ts'
import { evidence } from '../kit/evidence.ts'

const MINUTE = 60_000
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE

/** Ten minutes with nothing but these signals. */
const quiet = (signals: Tick['signals']) => {
  const made = evidence(600, () => ({ signals }))
  return moved({ ...made, ticks: made.ticks.map(({ t }) => ({ t, signals })) }, NOW)
}

const here: World = world()
const fake: Fake = await fakeAws(here)
Object.assign(process.env, fake.env)
afterAll(() => fake.close())
beforeEach(() => {
  Object.assign(
    here,
    world({
      instances: [instance('orders')],
      parameters: { pg16: { max_connections: '400' } },
      incidents: { orders: quiet({ cpu_pct: 5 }) },
    }),
  )
})

const ask = (more: object = {}) =>
  gather(rdsTarget('rds:orders@eu-west-1'), { now: NOW, env: {}, since: NOW - 10 * MINUTE, ...more })

const kinds = (all: { kind: string }[]) => all.map(({ kind }) => kind)

describe('the server log', () => {
  const stamp = (minutes: number) =>
    new Date(NOW - minutes * MINUTE).toISOString().replace('T', ' ').slice(0, 19)
  const line = (minutes: number, text: string) =>
    `${stamp(minutes)} UTC:10.0.1.7(51234):web@orders:[812]:${text}\n`
  const name = (t: number) =>
    `error/postgresql.log.${new Date(t).toISOString().slice(0, 13).replace('T', '-')}`

  test('tells of failed connections, in as many portions as it has', async () => {
    const refused =
      'FATAL:  53300: remaining connection slots are reserved for roles with the SUPERUSER attribute'
    const text = Array.from({ length: 60 }, (_, i) => line(5 - i / 60, refused)).join('')
    here.parameters.pg16!.log_line_prefix = '%t:%r:%u@%d:[%p]:'
    here.logs.orders = [
      { name: name(NOW - 3 * 60 * MINUTE), text: line(200, refused), writtenAt: NOW - 2 * 60 * MINUTE },
      { name: name(NOW), text, writtenAt: NOW },
    ]
    const { testimony, calls, skipped } = await ask({ readers: CLOUD_READERS })
    expect(testimony?.failures.reduce((sum, { count }) => sum + count, 0)).toBe(60)
    expect(new Set(testimony?.failures.map(({ failure, user }) => `${failure} ${user}`))).toEqual(
      new Set(['reserved-slots-only web']),
    )
    expect(calls['rds:DownloadDBLogFilePortion']).toBeGreaterThan(1)
    expect(skipped).toEqual([])
  })

  describe('published to CloudWatch Logs', () => {
    const refused = 'FATAL:  53300: sorry, too many clients already'
    beforeEach(() => {
      here.instances = [instance('orders', { EnabledCloudwatchLogsExports: ['postgresql', 'upgrade'] })]
      here.parameters.pg16!.log_line_prefix = '%t:%r:%u@%d:[%p]:'
      here.groups['/aws/rds/instance/orders/postgresql'] = Array.from({ length: 60 }, (_, i) => ({
        stream: 'orders.0',
        at: NOW - 5 * MINUTE + i * 1_000,
        message: line(5 - i / 60, refused).trim(),
      }))
      here.logs.orders = [{ name: name(NOW), text: line(1, refused), writtenAt: NOW }]
    })
    const counted = async () => {
      const { testimony, calls, skipped } = await ask({ readers: CLOUD_READERS })
      return { count: testimony?.failures.reduce((sum, { count }) => sum + count, 0), calls, skipped }
    }

    test('costs the instance nothing', async () => {
      const { count, calls, skipped } = await counted()
      expect({ count, skipped }).toEqual({ count: 60, skipped: [] })
      expect(calls['logs:FilterLogEvents']).toBe(3)
      expect(calls['rds:DownloadDBLogFilePortion']).toBeUndefined()
    })

    test('is read from the files where it may not be', async () => {
      here.denied.add('logs:FilterLogEvents')
      expect(await counted()).toMatchObject({
        count: 1,
        skipped: [
          { check: 'server log in CloudWatch Logs', reason: 'logs:FilterLogEvents is not permitted' },
        ],
      })
    })

    test('has of a cluster the lines of the instance', async () => {
      here.instances = [instance('orders-1', { Engine: 'aurora-postgresql', DBClusterIdentifier: 'orders' })]
      here.clusters = [
        {
          DBClusterIdentifier: 'orders',
          DBClusterMembers: [{ DBInstanceIdentifier: 'orders-1', IsClusterWriter: true }],
          EnabledCloudwatchLogsExports: ['postgresql'],
        },
      ]
      const event = { at: NOW - MINUTE, message: line(1, refused) }
      here.groups['/aws/rds/cluster/orders/postgresql'] = [
        { ...event, stream: 'orders-1.0' },
        { ...event, stream: 'orders-0.0' },
      ]
      expect((await counted()).count).toBe(1)
    })
  })

  test('that may not be read is skipped by name', async () => {
    here.logs.orders = [{ name: name(NOW), text: line(1, 'LOG:  hello'), writtenAt: NOW }]
    here.denied.add('rds:DownloadDBLogFilePortion')
    const { skipped } = await ask({ readers: CLOUD_READERS })
    expect(skipped).toEqual([
      { check: 'server log', reason: 'rds:DownloadDBLogFilePortion is not permitted' },
    ])
  })
})

test('a proxy that does not reach the database is told', async () => {
  here.proxies = [
    {
      proxy: { DBProxyName: 'front', EngineFamily: 'POSTGRESQL', Status: 'available', VpcId: 'vpc-1' },
      group: {
        DBProxyName: 'front',
        TargetGroupName: 'default',
        ConnectionPoolConfig: { MaxConnectionsPercent: 90, ConnectionBorrowTimeout: 30 },
      },
      targets: [
        {
          RdsResourceId: 'orders',
          Type: 'RDS_INSTANCE',
          TargetHealth: {
            State: 'UNAVAILABLE',
            Reason: 'AUTH_FAILURE',
            Description: 'Database credentials are wrong',
          },
        },
      ],
    },
  ]
  here.levels.front = {
    ClientConnectionsSetupFailedAuth: 0.5,
    DatabaseConnections: 90,
    MaxDatabaseConnectionsAllowed: 90,
    DatabaseConnectionsBorrowLatency: 20e6,
  }
  const { evidence: seen } = await ask()
  expect(new Set(seen.failures.map(({ source, failure }) => `${source} ${failure}`))).toEqual(
    new Set(['proxy authentication-failed']),
  )
  const told = seen.events.filter(({ source }) => source === 'rds-proxy')
  expect(kinds(told).sort()).toEqual(['pool-full', 'proxy-target', 'slow-borrow'])
  expect(told.filter(({ kind }) => kind === 'proxy-target')).toEqual([
    {
      t: NOW - 1,
      source: 'rds-proxy',
      kind: 'proxy-target',
      message: expect.stringMatching(/front .*AUTH_FAILURE/),
    },
  ])
})

describe('the network', () => {
  const said = async (client: string) =>
    kinds((await ask({ client })).evidence.events.filter(({ source }) => source === 'network'))

  test('lets a client in', async () => {
    expect(await said('10.0.1.7')).toEqual(['open'])
  })
  test('has no rule for another', async () => {
    expect(await said('10.7.0.1')).toEqual(['shut-security-group', 'shut-route'])
  })
  test('has a rule that names addresses by a list', async () => {
    const rule = {
      ipProtocol: 'tcp',
      fromPort: 5432,
      toPort: 5432,
      prefixListIds: [{ prefixListId: 'pl-1' }],
    }
    here.network.groups = [{ groupId: 'sg-db', ipPermissions: [rule] }]
    here.network.lists['pl-1'] = ['10.0.9.0/24', '10.0.1.0/24']
    expect(await said('10.0.1.7')).toEqual(['open'])
    expect(await said('10.0.2.7')).toEqual(['shut-security-group'])
    here.denied.add('ec2:GetManagedPrefixListEntries')
    expect(await said('10.0.1.7')).toEqual(['security-group'])
  })
  test('has an ACL that denies', async () => {
    const [acl] = here.network.acls as { entrySet: object[] }[]
    acl!.entrySet.unshift({ ...acl!.entrySet[0], ruleNumber: 50, ruleAction: 'deny' })
    expect(await said('10.0.1.7')).toEqual(['shut-network-acl'])
  })
  test('that may not be seen is skipped, and only it', async () => {
    here.denied.add('ec2:DescribeSecurityGroups')
    const { skipped, evidence: seen } = await ask()
    expect(skipped).toEqual([
      { check: 'network rules', reason: 'ec2:DescribeSecurityGroups is not permitted' },
    ])
    expect(seen.ticks.at(-1)?.signals.cpu_pct).toBeCloseTo(5)
  })
})

describe('limits', () => {
  test('that ran out are named with their numbers', async () => {
    here.instances = [
      instance('orders', { DBInstanceClass: 'db.t2.medium', StorageType: 'gp2', AllocatedStorage: 100 }),
    ]
    here.incidents.orders = quiet({
      cpu_pct: 20,
      cpu_credit_balance: 0.4,
      burst_balance_pct: 1,
      disk_reads_per_s: 290,
      disk_writes_per_s: 10,
    })
    const { evidence: seen } = await ask()
    const found = seen.events.filter(({ source }) => source === 'catalog')
    expect(kinds(found).sort()).toEqual(['balance-gone', 'balance-gone', 'limit-reached'])
    const messages = found.map(({ message }) => message).join(' ')
    expect(messages).toContain('300')
    expect(messages).toContain('20 %')
  })

  test('that hold nothing back are no reason: T3 and T4g go on without credits', async () => {
    here.instances = [instance('orders', { DBInstanceClass: 'db.t4g.medium' })]
    here.incidents.orders = quiet({ cpu_pct: 70, cpu_credit_balance: 0 })
    const { evidence: seen } = await ask()
    expect(kinds(seen.events.filter(({ source }) => source === 'catalog'))).toEqual(['credits-charged'])
    expect(seen.ticks.some(({ signals }) => signals.cpu_credit_balance !== undefined)).toBe(false)
  })

  test('of a group that is a formula are estimates, and said to be', async () => {
    here.parameters.pg16 = { max_connections: 'LEAST({DBInstanceClassMemory/9531392},5000)' }
    const { evidence: seen, notes } = await ask()
    expect(seen.limits?.maxConnections).toBeGreaterThan(1_600)
    expect(seen.limits?.maxConnections).toBeLessThan(1_803)
    expect(notes).toHaveLength(1)
    const [larger] = seen.events.filter(({ kind }) => kind === 'setting')
    expect(larger?.message).toMatch(/db\.r6g\.xlarge.*db\.r6g\.2xlarge/)
  })
})
