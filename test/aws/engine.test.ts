// Engines and clusters: MySQL, one that Spillway does not know, and Aurora with its writer and readers.
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { gather, rdsTarget } from '../../src/aws/index.ts'
import type { Evidence, Tick } from '../../src/model/index.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import { instance, moved, type World, world } from '../kit/aws/world.ts'
import { evidence, session } from '../kit/evidence.ts'

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

const standbyOf = ({ events }: Evidence) => events.find(({ kind }) => kind === 'standby')?.message

test.each<[Record<string, string | boolean>, object | undefined, RegExp]>([
  [{}, undefined, /nothing could take over/],
  [{ MultiAZ: true }, undefined, /standby in the other zone/],
  [
    { DBClusterIdentifier: 'orders' },
    { Engine: 'postgres' },
    /goes to orders-2 or orders-3, mostly within 35 s/,
  ],
  [{ Engine: 'aurora-mysql', DBClusterIdentifier: 'orders' }, {}, /goes to orders-2 or orders-3/],
])('what a failover would mean: %j', async (more, cluster, told) => {
  here.instances = [instance('orders', more)]
  here.clusters = cluster
    ? [
        {
          DBClusterIdentifier: 'orders',
          DBClusterMembers: ['orders', 'orders-2', 'orders-3'].map((id, i) => ({
            ...{ DBInstanceIdentifier: id, IsClusterWriter: i === 0 },
          })),
        },
      ]
    : []
  expect(standbyOf((await ask()).evidence)).toMatch(told)
})

describe('other engines', () => {
  test('MySQL has its own wait events and counters', async () => {
    here.instances = [
      instance('orders', {
        Engine: 'mysql',
        EngineVersion: '8.0.39',
        Endpoint: { Address: 'x', Port: 3306 },
      }),
    ]
    here.incidents.orders = quiet({
      aas: 4,
      aas_cpu: 1,
      aas_io: 2,
      aas_lock: 0.5,
      aas_commit: 0.5,
      statements_per_s: 90,
      max_connections: 151,
      connections: 30,
    })
    const { evidence: seen } = await ask()
    expect(seen.target.engine).toBe('mysql')
    expect(seen.ticks.at(-1)?.signals).toMatchObject({
      aas: expect.closeTo(4),
      aas_io: expect.closeTo(2),
      aas_lock: expect.closeTo(0.5),
      aas_commit: expect.closeTo(0.5),
      aas_other: expect.closeTo(0),
      statements_per_s: expect.closeTo(90),
      usable_slots: 151,
    })
  })

  test.each([
    ['sqlserver-se', '15.00'],
    ['oracle-ee', '19.0.0.0'],
  ])('%s has its load and connections, and no more is claimed', async (Engine, EngineVersion) => {
    here.instances = [instance('orders', { Engine, EngineVersion, DBParameterGroups: [] })]
    here.incidents.orders = quiet({ aas: 6, aas_cpu: 3, aas_lock: 2, aas_commit: 1, connections: 77 })
    const { evidence: seen } = await ask()
    expect(seen.target).toMatchObject({ engine: 'other', engineVersion: `${Engine} ${EngineVersion}` })
    expect(seen.ticks.at(-1)?.signals).toMatchObject({
      aas: expect.closeTo(6),
      aas_cpu: expect.closeTo(3),
      aas_lock: expect.closeTo(2),
      aas_commit: expect.closeTo(1),
      connections: expect.closeTo(77),
    })
  })

  test('a cluster is its writer, with the limits of its own group', async () => {
    here.instances = [
      instance('orders-1', {
        Engine: 'aurora-postgresql',
        DBClusterIdentifier: 'orders',
        DBInstanceClass: 'db.serverless',
      }),
    ]
    here.clusters = [
      {
        DBClusterIdentifier: 'orders',
        Status: 'available',
        DBClusterParameterGroup: 'apg',
        DBClusterMembers: [
          { DBInstanceIdentifier: 'orders-0', IsClusterWriter: false },
          { DBInstanceIdentifier: 'orders-1', IsClusterWriter: true },
        ],
        ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 8 },
      },
    ]
    here.parameters = { pg16: {}, 'cluster:apg': { max_connections: '2000' } }
    here.incidents['orders-1'] = moved(
      evidence(600, () => ({
        sessions: [session('1'), session('2', { waitClass: 'Lock', blockedBy: ['1'] })],
      })),
      NOW,
    )
    here.levels['orders-1'] = { ServerlessDatabaseCapacity: 8, ACUUtilization: 100 }
    const { evidence: seen } = await ask()
    expect(seen.limits?.maxConnections).toBe(2000)
    expect(seen.target).toMatchObject({ engine: 'postgres', vcpus: 2, memoryBytes: 16 * 1024 ** 3 })
    expect(seen.events.find(({ kind }) => kind === 'role')?.message).toMatch(/writer.*orders-0/)
    expect(standbyOf(seen)).toMatch(/failover goes to orders-0, mostly within a minute/)
    expect(seen.events.find(({ kind }) => kind === 'limit-reached')?.message).toMatch(/8 of the 8 ACU/)
    expect(seen.events.find(({ kind }) => kind === 'most-load')?.message).toMatch(/blocked by session 1 50 %/)

    here.incidents['orders-0'] = quiet({ replica_lag_s: 2.5 })
    here.instances.push(instance('orders-0', { Engine: 'aurora-postgresql', DBClusterIdentifier: 'orders' }))
    const { evidence: read } = await gather(
      { id: 'orders', region: 'eu-west-1', reader: true },
      { now: NOW, env: {} },
    )
    expect(read.events.find(({ kind }) => kind === 'role')?.message).toMatch(/orders-0 is a reader/)
    expect(read.ticks.at(-1)?.signals.replica_lag_s).toBeCloseTo(2.5)
  })
})
