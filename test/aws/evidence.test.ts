// The same incident seen through the APIs of AWS comes back as the same evidence, within the resolution.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gathered, gather, rdsTarget } from '../../src/aws/index.ts'
import { CLOUD_READERS } from '../../src/engines.ts'
import type { Evidence, Signal, Tick } from '../../src/model/index.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import { instance, moved, type World, world } from '../kit/aws/world.ts'
import { evidence, session } from '../kit/evidence.ts'

const MINUTE = 60_000
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE

/** Ten minutes of calm, ten of a lock queue that fills the slots; five seconds in it were not sampled. */
const incident = moved(
  evidence(1_200, second => {
    if (second >= 900 && second < 905) return { gap: true }
    const waiting = second < 600 ? 0 : Math.min(30, Math.floor((second - 600) / 10))
    return {
      sessions: [
        session('1', { waitClass: 'CPU', statementId: '11', statement: 'select ?', database: 'orders' }),
        ...Array.from({ length: waiting }, (_, i) =>
          session(`${i + 10}`, {
            waitClass: 'Lock',
            user: 'billing',
            statementId: '22',
            statement: "alter role x password 'hunter2'",
          }),
        ),
      ],
      signals: {
        cpu_pct: 20 + (second % 7),
        disk_read_latency_ms: 1.5,
        storage_free_bytes: 50e9,
        lock_waiters: waiting,
        commits_per_s: 100 - waiting,
        max_connections: 40,
      },
    }
  }),
  NOW,
)

let here: World
let fake: Fake
let seen: Evidence
let gathered: Gathered
beforeAll(async () => {
  here = world({
    instances: [instance('orders')],
    parameters: {
      pg16: {
        max_connections: 'LEAST({DBInstanceClassMemory/9531392},5000)',
        superuser_reserved_connections: '3',
        reserved_connections: '2',
        log_line_prefix: '%t:%r:%u@%d:[%p]:',
      },
    },
    events: [
      {
        source: 'orders',
        at: NOW - 9 * MINUTE,
        message: 'DB instance restarted',
        categories: ['availability'],
      },
    ],
    incidents: {
      orders: {
        ...incident,
        statements: [
          { t: NOW - MINUTE, statementId: '11', statement: 'select ?', calls: 600, totalMs: 1_200 },
        ],
      },
    },
  })
  fake = await fakeAws(here)
  Object.assign(process.env, fake.env)
  gathered = await ask()
  seen = gathered.evidence
})
afterAll(() => fake.close())

const ask = (more: object = {}) =>
  gather(rdsTarget('rds:orders@eu-west-1'), {
    now: NOW,
    env: {},
    readers: CLOUD_READERS,
    since: NOW - 10 * MINUTE,
    ...more,
  })

/** The mean of what the ticks of a minute have. */
const mean = (ticks: Tick[], start: number, of: (tick: Tick) => number | undefined) => {
  const values = ticks.filter(({ t }) => t >= start && t < start + MINUTE).flatMap(tick => of(tick) ?? [])
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}

describe('an incident of PostgreSQL', () => {
  test('has the load of every minute by wait class', () => {
    const counted = (waitClass: string) => (tick: Tick) =>
      tick.sessions?.filter(one => one.waitClass === waitClass).length
    for (const { t, signals } of seen.ticks.filter(({ t }) => t >= incident.from)) {
      expect(signals.aas_lock).toBeCloseTo(mean(incident.ticks, t, counted('Lock'))!, 9)
      expect(signals.aas_cpu).toBeCloseTo(mean(incident.ticks, t, counted('CPU'))!, 9)
      expect(signals.aas).toBeCloseTo(signals.aas_lock! + signals.aas_cpu!, 9)
      expect(signals.aas_other).toBeCloseTo(0, 9)
    }
  })

  test.each([
    'cpu_pct',
    'connections',
    'disk_read_latency_ms',
    'storage_free_bytes',
    'lock_waiters',
    'commits_per_s',
  ] as Signal[])('has %s as it was', signal => {
    for (const { t, signals } of seen.ticks.filter(({ t }) => t >= incident.from))
      expect(signals[signal]).toBeCloseTo(mean(incident.ticks, t, tick => tick.signals[signal])!, 6)
  })

  test('is unknown before it was there, not zero', () => {
    const before = seen.ticks.filter(({ t }) => t < incident.from)
    expect(before.length).toBeGreaterThan(0)
    expect(before.every(({ signals }) => Object.keys(signals).length === 0)).toBe(true)
  })

  test('has the limits that the server counts to, less what is reserved', () => {
    const { notes } = gathered
    expect(seen.limits).toEqual({
      maxConnections: 40,
      reserved: { superuser_reserved_connections: 3, reserved_connections: 2 },
    })
    expect(seen.ticks.at(-1)?.signals.usable_slots).toBe(35)
    expect(notes).toEqual([])
  })

  test('has its statements, events and suspect time', () => {
    const { skipped } = gathered
    expect(seen.statements).toEqual([
      {
        // Of the time up to it, as everywhere.
        t: NOW,
        statementId: '11',
        statement: 'select ?',
        calls: expect.closeTo(600, 6),
        totalMs: expect.closeTo(1_200, 6),
      },
    ])
    const loads = seen.ticks
      .at(-1)
      ?.byStatement?.map(({ statementId, aas }) => [statementId, Math.round(aas)])
    expect(loads).toEqual(
      expect.arrayContaining([
        ['11', 1],
        ['22', 30],
      ]),
    )
    expect(seen.events).toContainEqual({
      t: NOW - 9 * MINUTE,
      source: 'rds',
      kind: 'availability',
      message: 'DB instance restarted',
    })
    expect(seen.events.find(({ kind }) => kind === 'most-load')?.message).toMatch(/billing/)
    expect(seen.window).toEqual({ from: NOW - 10 * MINUTE, to: NOW })
    expect(seen.target).toMatchObject({
      engine: 'postgres',
      engineVersion: '16.4',
      vcpus: 2,
      instanceClass: 'db.r6g.large',
    })
    expect(skipped).toEqual([])
  })

  test('has no literal in it, whatever Performance Insights left in a statement', () => {
    expect(JSON.stringify(seen)).toContain('alter role x password ?')
    expect(JSON.stringify(seen)).not.toContain('hunter2')
  })

  test('is asked for in few calls', () => {
    const { calls } = gathered
    expect(calls['pi:GetResourceMetrics']).toBeLessThanOrEqual(15)
    expect(calls['cloudwatch:GetMetricData']).toBeLessThanOrEqual(3)
  })

  test('has its seconds, where they are asked for', async () => {
    const { evidence: fine } = await ask({ since: NOW - 5 * MINUTE, periodS: 1 })
    const at = new Map(incident.ticks.map(tick => [tick.t, tick]))
    for (const { t, signals } of fine.ticks.filter(({ t }) => t >= NOW - 5 * MINUTE)) {
      const { sessions } = at.get(t)!
      expect(signals.aas).toBe(sessions?.length)
    }
  })
})
