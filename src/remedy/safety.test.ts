// What no plan may do, whatever was seen: lower below what is in use, break a rule of the API, or lose an undo.
import { expect, test } from 'vitest'
import { MARKET, onRds } from '../../test/kit/cloud.ts'
import { diagnosis, finding } from '../../test/kit/diagnosis.ts'
import {
  evidence,
  idle,
  refusedProbe,
  session,
  type TickSpec,
  times,
  waiter,
} from '../../test/kit/evidence.ts'
import { forSeeds } from '../../test/kit/property.ts'
import { CAUSES, type Evidence, type Plan, REMEDIES, type Step } from '../model/index.ts'
import { plan } from './plan.ts'

type Random = Parameters<Parameters<typeof forSeeds>[1]>[0]
const below = (random: Random, n: number) => Math.floor(random() * n)
const pick = <T>(random: Random, of: readonly T[]): T => of[below(random, of.length)]!

function seen(random: Random): Evidence {
  const head = session('h', { state: pick(random, ['idle in transaction', 'active']), stateAgeMs: 90_000 })
  const now: TickSpec = {
    sessions: [
      head,
      ...times(below(random, 12), i =>
        session(`c${i}`, { statementId: '7', statement: 'select $1', stateAgeMs: below(random, 9000) }),
      ),
      ...times(below(random, 12), i => session(`i${i}`, { waitClass: pick(random, ['IO', 'Commit']) })),
      ...times(below(random, 30), i => waiter(`w${i}`, ['h'], { stateAgeMs: below(random, 9000) })),
      ...times(below(random, 8), i => session(`s${i}`, { state: 'starting', stateAgeMs: 20_000 })),
    ],
    idle: times(below(random, 4), i =>
      idle(below(random, 20), { application: `app${i}`, oldestStateAgeMs: 1e6 }),
    ),
    signals: {
      commits_per_s: below(random, 500),
      storage_free_bytes: below(random, 500) * 1024 ** 3,
      buffer_hit_ratio: random(),
      buffer_size_bytes: 1024 ** 3,
      disk_util_pct: below(random, 100),
      cpu_credit_balance: below(random, 20),
    },
    ...(random() < 0.5 ? { probe: refusedProbe } : {}),
  }
  const calm: TickSpec = {
    sessions: [session('2', { stateAgeMs: 300 })],
    idle: [idle(5)],
    signals: { commits_per_s: 100 },
  }
  const given = evidence(20, second => (second < 10 ? calm : now), {
    maxConnections: 60 + below(random, 60),
    roleLimits: { web: 5 + below(random, 40) },
  })
  const engine = pick(random, ['postgres', 'mysql', 'mariadb'] as const)
  const of = { ...given, target: { ...given.target, engine, engineVersion: pick(random, ['13.2', '16.4']) } }
  const type = pick(random, ['gp2', 'gp3', 'io1'])
  const gib = 20 + below(random, 900)
  const storage = { gib, type, ...(type === 'gp2' ? {} : { iops: 3000 + below(random, 20_000) }) }
  return random() < 0.7 ? onRds(of, { storage }) : of
}

function made(random: Random): { given: Evidence; result: Plan } {
  const given = seen(random)
  const head = given.ticks.at(-1)!.sessions![0]!
  const subject = { session: head, user: 'web', application: 'web', statementId: '7' }
  const causes = CAUSES.filter(() => random() < 0.2)
  const findings = causes.map(cause =>
    finding(
      cause,
      REMEDIES.filter(() => random() < 0.2),
      { subject },
    ),
  )
  const judged = diagnosis(given, 10, findings)
  return { given, result: plan(judged, given, 0, random() < 0.8 ? { market: MARKET } : {}) }
}

function check({ what, before, after, reversible, actuator, outage }: Step, given: Evidence): void {
  const { target, limits, ticks } = given
  const used = ticks.at(-1)!.signals.connections!
  if (what.kind === 'setting' && what.name === 'max_connections')
    expect(Number(after)).toBeGreaterThan(Math.max(used, limits!.maxConnections))
  if (what.kind === 'role-limit' || what.kind === 'database-limit')
    expect(Number(after)).toBeGreaterThan(Number(before))
  if (what.kind === 'storage' && what.field === 'size') {
    expect(Number(after)).toBeGreaterThanOrEqual(1.1 * target.instance!.storage.gib)
    expect(reversible).toBe(false)
  }
  if (what.kind === 'storage' && what.field === 'iops' && before !== after)
    expect(Number(after)).toBeGreaterThanOrEqual(1.1 * (target.instance!.storage.iops ?? 0))
  if (what.kind === 'storage' && what.field === 'ceiling')
    expect(Number(after)).toBeGreaterThanOrEqual(1.1 * target.instance!.storage.gib)
  if (what.kind === 'instance-class') {
    const [old, next] = [before, after].map(name => MARKET.classes.find(offer => offer.name === name)!)
    expect(next!.memoryBytes).toBeGreaterThanOrEqual(old!.memoryBytes)
    expect(outage).toBe('minutes')
  }
  if (what.kind === 'setting' && what.needsRestart) expect(outage).toBe('restart')
  // What the API changes can be taken back only when it is known what stood there, or the actuator reads it first.
  if (reversible && ['instance-class', 'role-limit'].includes(what.kind)) expect(before).toBeDefined()
  if (actuator === 'rds') expect(target.instance).toBeDefined()
  if (what.kind === 'end-session' || what.kind === 'cancel-statement') expect(reversible).toBe(false)
}

test('no step lowers below what is in use, breaks a rule of the API, or loses its undo', () => {
  forSeeds(400, random => {
    const { given, result } = made(random)
    for (const { steps = [] } of result.advice) for (const step of steps) check(step, given)
  })
})

test('a plan is whole: everything advised or refused once, with its effect, price, risk and way back', () => {
  forSeeds(400, random => {
    const { result } = made(random)
    const keys = result.advice.map(({ remedy, title }) => `${remedy} ${title}`)
    expect(new Set(keys).size).toBe(keys.length)
    const refused = result.notAdvised.map(({ remedy }) => remedy)
    expect(new Set(refused).size).toBe(refused.length)
    for (const {
      effect,
      price,
      risk,
      outage,
      permissions,
      verify,
      steps = [],
      reversible,
    } of result.advice) {
      expect([price, risk, outage, permissions, verify].includes(undefined)).toBe(false)
      expect(Object.values({ ...effect.aas, ...effect.slots }).every(Number.isFinite)).toBe(true)
      // Advice is taken back only where every step of it can be.
      if (reversible) expect(steps.every(step => step.reversible)).toBe(true)
      if (price!.usd === undefined) expect(price!.note).toBeTruthy()
    }
    for (const { reason } of result.notAdvised) expect(reason.length).toBeGreaterThan(10)
    // It is a file: nothing in it is lost in JSON.
    expect(JSON.parse(JSON.stringify(result))).toEqual(result)
  })
})
