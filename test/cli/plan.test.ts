// spillway plan from a bundle: what is advised and what is not, the answers to what-if, the headroom, and the file to apply.
import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { EXIT, type Plan, type Target } from '../../src/model/index.ts'
import { evidence, idle, session, times } from '../kit/evidence.ts'
import { calmThen, idleRoot, pileUp } from '../kit/incident.ts'
import { spillway } from '../kit/spillway.ts'
import { expectClean, expectRefusal, freshPaths, parsed } from './kit.ts'

const app = createApp({})
const fresh = freshPaths()

/** An RDS instance with two vCPUs on which eight sessions want CPU, and which refuses for want of slots. */
const ORDERS: Target = {
  name: 'rds:orders@us-east-1',
  engine: 'postgres',
  engineVersion: '16.4',
  instanceClass: 'db.r6g.large',
  vcpus: 2,
  memoryBytes: 16 * 1024 ** 3,
  instance: {
    id: 'orders',
    region: 'us-east-1',
    product: 'postgres',
    multiAz: true,
    storage: { gib: 100, type: 'gp3' },
    parameterGroup: 'default.postgres16',
    pending: {},
  },
}
const piled = evidence(
  20,
  calmThen(second => pileUp([idleRoot(second)])(second)),
)
const surging = {
  ...evidence(
    30,
    second =>
      second < 10
        ? { sessions: [session('1')], idle: [idle(10)], signals: { commits_per_s: 100 } }
        : { sessions: times(8, i => session(`${i}`)), idle: [idle(10)], signals: { commits_per_s: 200 } },
    { maxConnections: 100 },
  ),
  target: ORDERS,
}

async function planOf(what: typeof piled, ...more: string[]) {
  const bundle = fresh('bundle.tar.gz')
  await app.writeBundle(bundle, what)
  return spillway(['plan', '--from', bundle, ...more])
}
const planIn = (stdout: string) => parsed(stdout) as unknown as Plan

describe.concurrent('spillway plan', () => {
  test('says what to do, in an order, and what not', async () => {
    const { code, stdout, stderr } = await planOf(piled)
    expect({ code, stderr }).toEqual({ code: EXIT.fine, stderr: '' })
    expectClean(stdout)
    expect(stdout).toMatch(/#1 +end session 99/)
    expect(stdout).toMatch(/Not advised/)
  })

  test('prices the smallest class that takes the load, and is the file that can be applied', async () => {
    const { code, stdout } = await planOf(surging, '--json')
    expect(code).toBe(EXIT.fine)
    const file = fresh('plan.json')
    await writeFile(file, stdout)
    const plan = await app.readPlan(file)
    const up = plan.advice.find(({ remedy }) => remedy === 'scale-up')!
    expect(up.steps).toMatchObject([
      { actuator: 'rds', what: { kind: 'instance-class' }, before: 'db.r6g.large', outage: 'minutes' },
    ])
    // Two zones: at least one more hour of a db.r6g.large twice.
    expect(up.price).toMatchObject({ region: 'us-east-1' })
    expect(up.price!.usd).toBeGreaterThan(0)
    expect(up.effect.aas.after).toBeLessThan(up.effect.aas.before)
    const edited = stdout.replace('"db.r6g.large"', '"db.r6g.xlarge"')
    await writeFile(file, edited)
    await expect(app.readPlan(file)).rejects.toMatchObject({ code: 'plan-edited' })
  })

  test('answers any combination, and when it breaks', async () => {
    const asked = 'class=db.r6g.2xlarge,max_connections=800,pool.web=6'
    const { code, stdout } = await planOf(surging, '--json', '--what-if', asked, '--load', '×1.5')
    expect(code).toBe(EXIT.fine)
    const { whatIf, headroom } = planIn(stdout)
    expect(whatIf!.settings).toEqual({ class: 'db.r6g.2xlarge', max_connections: '800', 'pool.web': '6' })
    expect(whatIf!.effect).toMatchObject({ usable: 797, connectsRecover: true })
    expect(whatIf!.outage).toBe('minutes')
    expect(headroom!.asked!.factor).toBe(1.5)
    process.stdout.write(`${(await planOf(surging, '--what-if', asked, '--load', '1.5')).stdout}`)
  })

  test.each([
    ['--what-if', 'nonsense'],
    ['--what-if', 'clas=db.r6g.large'],
    ['--what-if', 'class=db.nope.huge'],
    ['--what-if', 'max_connections=many'],
    ['--what-if', 'max_connections=2'],
    ['--what-if', 'storage=101'],
    ['--what-if', 'pool.nobody=3'],
    ['--what-if', 'max_connections=800,max_connections=900'],
    ['--what-if', 'lock_timeout=soon'],
    ['--load', 'much'],
    ['--load', '-1'],
    ['--load', '0'],
  ])('refuses %s %s in one line', async (flag, value) => {
    expectRefusal(await planOf(surging, `${flag}=${value}`), EXIT.usage)
  })
})
