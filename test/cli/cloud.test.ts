// rds: targets on the command line, against a loopback AWS; and that nobody else pays for it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import { instance, moved, world } from '../kit/aws/world.ts'
import { evidence, session } from '../kit/evidence.ts'
import { spillway } from '../kit/spillway.ts'
import { expectClean, expectRefusal, parsed } from './kit.ts'

const MINUTE = 60_000
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE

/** An hour of calm, then twenty minutes in which sessions wait for one row until all slots are taken; two samples a minute. */
const made = evidence(80 * 60, second => {
  const waiting = second < 3_600 ? 0 : Math.min(35, Math.floor((second - 3_600) / 5))
  const waiter = (i: number) =>
    session(`${i + 10}`, { waitClass: 'Lock', user: 'billing', database: 'orders' })
  return {
    sessions: [session('1'), ...Array.from({ length: waiting }, (_, i) => waiter(i))],
    signals: { cpu_pct: 12, max_connections: 40, lock_waiters: waiting, commits_per_s: 50 - waiting },
  }
})
const pileUp = moved({ ...made, ticks: made.ticks.filter(({ t }) => t % 30_000 === 0) }, NOW)

/** The same with CPU, and nothing that would count calls. */
const busy = evidence(80 * 60, second => ({
  sessions: Array.from({ length: second < 3_600 ? 1 : 30 }, (_, i) => session(`${i}`)),
  signals: { cpu_pct: second < 3_600 ? 12 : 96 },
}))
const surge = moved({ ...busy, ticks: busy.ticks.filter(({ t }) => t % 30_000 === 0) }, NOW)

const calm = moved(
  evidence(80 * 60, second =>
    second % 30 === 0
      ? { sessions: [session('1')], signals: { cpu_pct: 12, max_connections: 40, commits_per_s: 50 } }
      : { gap: true },
  ),
  NOW,
)

const here = world({
  instances: [
    instance('orders', {
      TagList: [
        { Key: 'team', Value: 'orders' },
        { Key: 'tier', Value: '1' },
      ],
    }),
    instance('reports', { Engine: 'sqlserver-se', EngineVersion: '15.00' }),
    instance('gone', { DBInstanceStatus: 'stopped' }),
    instance('halted', { DBInstanceStatus: 'stopped' }),
    instance('calm'),
    instance('surged', { Engine: 'oracle-ee', EngineVersion: '19.0.0.0' }),
  ],
  parameters: { pg16: { max_connections: '40' } },
  incidents: { orders: pileUp, reports: pileUp, halted: pileUp, surged: surge, calm },
})
let fake: Fake
beforeAll(async () => {
  fake = await fakeAws(here)
})
afterAll(() => fake.close())

const diagnose = (target: string, ...more: string[]) =>
  spillway(['diagnose', target, '--since', '20m', ...more], { env: fake.env })

describe('diagnose', () => {
  test('gives a verdict from AWS alone', async () => {
    const ended = await diagnose('rds:orders@eu-west-1', '--json')
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' })
    const answer = parsed(ended.stdout) as {
      outcome: string
      load: { byWaitClass: { Lock: number } }
      slots: { used: number }
      verdict: string[]
    }
    expect(answer.outcome).not.toBe('healthy')
    expect(answer.load.byWaitClass.Lock).toBeGreaterThan(20)
    expect(answer.slots).toMatchObject({ max: 40, usable: 35 })
    expect(answer.slots.used).toBeGreaterThan(34)
  })

  test('shows it on a screen', async () => {
    const ended = await diagnose('rds:orders@eu-west-1')
    expect(ended.code).toBe(0)
    expectClean(ended.stdout)
    expect(ended.stdout).toContain('Lock')
    expect(ended.stdout).toContain('billing')
  })

  test('shows the load of an engine that has no rules', async () => {
    const ended = await diagnose('rds:reports@eu-west-1', '--json')
    expect(ended.code).toBe(0)
    const answer = parsed(ended.stdout) as { outcome: string; load: { aas: number }; plan?: object }
    expect(answer.load.aas).toBeGreaterThan(20)
    expect(answer.plan).toBeUndefined()
  })

  test('and names no cause that its rules cannot know there', async () => {
    const ended = await diagnose('rds:surged@eu-west-1', '--json')
    const { outcome, findings, load } = parsed(ended.stdout) as {
      outcome: string
      findings: unknown[]
      load: { aas: number; byWaitClass: { CPU: number } }
    }
    expect([ended.code, outcome, findings]).toEqual([0, 'unknown', []])
    expect(load.byWaitClass.CPU).toBeGreaterThan(20)
  })

  test('says of a stopped instance what was, and that it is stopped', async () => {
    const { code, stdout, stderr } = await diagnose('rds:halted@eu-west-1', '--json')
    expect(code).toBe(3)
    expect(stderr).toMatch(/halted takes no connections: it is stopped/)
    const { outcome, findings, events } = JSON.parse(stdout) as {
      outcome: string
      findings: { cause: string }[]
      events: { kind: string }[]
    }
    expect([outcome, findings[0]?.cause]).toEqual(['diagnosed', 'lock-contention'])
    expect(events.map(({ kind }) => kind)).toContain('state')
  })

  test('says that an instance is stopped, and nothing that is not so', async () => {
    expectRefusal(await diagnose('rds:gone@eu-west-1'), 3, /gone takes no connections/)
  })

  test('names the rule that keeps a client out', async () => {
    const ended = await diagnose('rds:calm@eu-west-1', '--client', '10.7.0.1', '--json')
    const { findings } = parsed(ended.stdout) as { findings: { cause: string; title: string }[] }
    expect(findings.map(({ cause }) => cause)).toEqual(['network-unreachable'])
    expect(findings[0]?.title).toMatch(/sg-db/)
    const within = await diagnose('rds:calm@eu-west-1', '--client', '10.0.1.7', '--json')
    expect(parsed(within.stdout)).toMatchObject({ outcome: 'healthy', findings: [] })
  })

  test('refuses what it cannot ask', async () => {
    expectRefusal(await diagnose('rds:nope@eu-west-1'), 3, /nope/)
    expectRefusal(
      await spillway(['diagnose', 'rds:orders@eu-west-1', '--period', '2s'], { env: fake.env }),
      64,
      /period/,
    )
    expectRefusal(
      await spillway(['diagnose', 'rds:orders@eu-west-1', '--since', 'noon'], { env: fake.env }),
      64,
      /noon/,
    )
  })
})

describe('targets', () => {
  const targets = (...more: string[]) =>
    spillway(['targets', '--region', 'eu-west-1', ...more], { env: fake.env })

  test('are all databases of the region, page by page', async () => {
    const { stdout } = await targets('--json')
    const all = JSON.parse(stdout) as { target: string }[]
    expect(all.map(({ target }) => target)).toEqual([
      'rds:calm@eu-west-1',
      'rds:gone@eu-west-1',
      'rds:halted@eu-west-1',
      'rds:orders@eu-west-1',
      'rds:reports@eu-west-1',
      'rds:surged@eu-west-1',
    ])
  })

  test('or those with a tag', async () => {
    const one = await targets('--tag', 'team=orders', '--tag', 'tier')
    expect(one.stdout).toMatch(/^rds:orders@eu-west-1 {2}postgres 16\.4 {2}db\.r6g\.large {2}available\n$/)
    const none = await targets('--tag', 'team=sales')
    expect({ ...none, stderr: none.stderr.length > 0 }).toMatchObject({ code: 0, stdout: '', stderr: true })
    expectRefusal(await targets('--tag', '=x'), 64, /--tag/)
    expectRefusal(await targets('--region', 'nowhere'), 64, /nowhere/)
  })
})

describe('nobody else pays', () => {
  /** Every module of the SDK that node opened is named on stderr. */
  const TRACE = [
    '--import',
    'data:text/javascript,import{register}from"node:module";register("data:text/javascript,"+encodeURIComponent("export async function load(u,c,n){if(u.includes(\'@aws-sdk\')||u.includes(\'@smithy\'))console.error(\'LOADED \'+u);return n(u,c)}"))',
  ]

  test.each([
    [['--help']],
    [['diagnose', '--help']],
    [['iam-policy']],
    [['diagnose', 'postgres://127.0.0.1:1/x', '--for', '1s']],
  ])('%j loads no SDK', async args => {
    const { stderr } = await spillway(args, { node: TRACE })
    expect(stderr).not.toContain('LOADED')
  })

  test('and the watch sees an SDK where there is one', async () => {
    const { stderr } = await spillway(['diagnose', 'rds:orders@eu-west-1'], {
      node: TRACE,
      env: { ...fake.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    })
    expect(stderr).toContain('LOADED')
  })
})

test('iam-policy prints one policy', async () => {
  const { code, stdout } = await spillway(['iam-policy', '--read'])
  expect(code).toBe(0)
  const { Version, Statement } = JSON.parse(stdout) as {
    Version: string
    Statement: { Effect: string; Action: string[]; Resource: string }[]
  }
  expect(Version).toBe('2012-10-17')
  for (const { Effect, Action } of Statement) {
    expect(Effect).toBe('Allow')
    expect(
      Action.filter(
        action =>
          !/^(?:rds|ec2):(?:Describe|Download|GetManaged)|^pi:Get|^cloudwatch:Get|^logs:Filter/.test(action),
      ),
    ).toEqual([])
  }
  const changes = JSON.parse((await spillway(['iam-policy', '--apply'])).stdout) as {
    Statement: { Action: string[]; Condition?: unknown }[]
  }
  const actions = changes.Statement.flatMap(one => one.Action)
  expect(actions).toContain('rds:ModifyDBInstance')
  expect(actions.filter(action => /Delete|^iam:|Password/.test(action))).toEqual(['iam:PassRole'])
  const handed = changes.Statement.find(({ Action }) => Action.includes('iam:PassRole'))
  expect(handed?.Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'rds.amazonaws.com' } })
})
