// Remedies of an instance: which class cures, what it costs, what storage and replicas do, and what is refused.
import { describe, expect, test } from 'vitest'
import { INSTANCE, MARKET, onRds } from '../../../test/kit/cloud.ts'
import { diagnosis, finding } from '../../../test/kit/diagnosis.ts'
import { evidence, idle, session, type TickSpec, times, waiter } from '../../../test/kit/evidence.ts'
import type { Advice, Evidence, EvidenceEvent, Finding, NotAdvised, RemedyCode } from '../../model/index.ts'
import { plan } from '../plan.ts'

const SURGE = finding('load-surge', ['scale-up'])
const calm: TickSpec = { sessions: [session('2')], idle: [idle(5)], signals: { commits_per_s: 100 } }

const planned = (now: TickSpec, cause: Finding = SURGE, change = (e: Evidence) => onRds(e)) => {
  const given = change(evidence(20, second => (second < 10 ? calm : now), { maxConnections: 100 }))
  return plan(diagnosis(given, 10, [cause]), given, 0, { market: MARKET })
}
const advice = (code: RemedyCode, ...of: Parameters<typeof planned>): Advice => {
  const { advice, notAdvised } = planned(...of)
  const found = advice.find(({ remedy }) => remedy === code)
  if (!found) throw new Error(`not advised: ${JSON.stringify(notAdvised)}`)
  return found
}
const refusal = (code: RemedyCode, ...of: Parameters<typeof planned>): NotAdvised | undefined =>
  planned(...of).notAdvised.find(({ remedy }) => remedy === code)
const withEvent = (event: Omit<EvidenceEvent, 't'>) => (e: Evidence) => {
  const given = onRds(e)
  return { ...given, events: [{ t: given.from, ...event }] }
}
const onCpu = (n: number, more = {}): TickSpec => ({
  sessions: times(n, i => session(`${i}`, more)),
  signals: { commits_per_s: 150 },
})

describe('a larger instance', () => {
  test('is the smallest that cures, with the difference in price and in slots', () => {
    const { steps, price, effect, title } = advice('scale-up', onCpu(6))
    expect(title).toContain('db.r9.2')
    expect(steps).toMatchObject([{ before: 'db.r9.1', after: 'db.r9.2', actuator: 'rds', reversible: true }])
    expect(price).toMatchObject({ usd: 73, region: 'xx-test-1', asOf: '2026-01-01' })
    // max_connections is the default of the class, which doubles with it.
    expect(effect.usable).toBe(197)
    expect(effect.byWaitClass!.CPU).toBeLessThanOrEqual(4)
  })

  test('is not advised where none takes the load, nor for locks', () => {
    const given = onRds(evidence(20, second => (second < 10 ? calm : onCpu(90))))
    const only = { ...MARKET, classes: MARKET.classes.slice(0, 1) }
    const { notAdvised } = plan(diagnosis(given, 10, [SURGE]), given, 0, { market: only })
    expect(notAdvised.map(({ remedy }) => remedy)).toContain('scale-up')
    expect(refusal('scale-up', { sessions: times(9, i => waiter(`${i}`, ['x'])) })).toBeDefined()
  })

  test('of an unknown price says so, and never nothing', () => {
    const now = onCpu(6)
    const given = onRds(evidence(20, second => (second < 10 ? calm : now)))
    const market = { ...MARKET, classes: MARKET.classes.map(({ usdPerHour: _, ...rest }) => rest) }
    const { advice: made } = plan(diagnosis(given, 10, [SURGE]), given, 0, { market })
    const up = made.find(({ remedy }) => remedy === 'scale-up')!
    expect(up.price).not.toHaveProperty('usd')
    expect(up.price!.note).toContain('no price')
  })
})

describe('a replica', () => {
  const read = { statement: 'select * from stock where sku = $1', statementId: '7' }

  test('takes the reads that stand alone', () => {
    const { price, steps, effect, routing } = advice('scale-out', onCpu(6, read))
    expect(price!.usd).toBe(73)
    expect(steps![0]).toMatchObject({ what: { kind: 'read-replica' }, reversible: false })
    // Half of the reads go there, as much as each of two can do.
    expect(effect.aas.after).toBeLessThan(effect.aas.before / 3)
    expect(routing).toEqual({ replicas: 1, share: 0.5 })
  })

  test('is one of as many as leave none of them full, and the writer keeps its share', () => {
    // Forty sessions of 2 vCPUs with all slots taken: about 3.8 of them are wanted.
    const pooled = { ...calm, idle: [idle(38)] }
    const given = onRds(evidence(20, second => (second < 10 ? pooled : onCpu(39, read))))
    const { advice: made } = plan(diagnosis(given, 10, [SURGE]), given, 0, { market: MARKET })
    const { routing, steps, price, title } = made.find(({ remedy }) => remedy === 'scale-out')!
    expect(routing!.replicas).toBe(2)
    expect(routing!.share).toBeCloseTo(2 / 3)
    expect(steps!.map(({ after }) => after)).toHaveLength(new Set(steps!.map(({ after }) => after)).size)
    expect(price!.usd).toBe(2 * 73)
    expect(title).toContain('2')
  })

  test.each([
    ['writes', { statement: 'update stock set n = n - $1' }],
    ['reads that lock', { statement: 'select * from stock where sku = $1 for update' }],
    ['reads inside of a transaction', { ...read, stateAgeMs: 5, transactionAgeMs: 900 }],
    ['reads that write', { statement: 'select nextval($1)' }],
  ])('takes no %s', (_, of) => {
    expect(refusal('scale-out', onCpu(6, of))?.reason).toContain('0 %')
  })

  test('of a replica is not advised', () => {
    expect(refusal('scale-out', onCpu(6, read), SURGE, e => onRds(e, { replicaOf: 'main' }))).toBeDefined()
  })
})

describe('storage', () => {
  const waits = onCpu(6, { waitClass: 'IO' })
  const atLimit = withEvent({
    source: 'catalog',
    kind: 'limit-reached',
    message: 'the volume does 11990 of the 12000',
  })

  test('that is at its limit gets twice the operations, priced beyond what is included', () => {
    const { steps, price, effect } = advice('storage', waits, SURGE, atLimit)
    expect(steps).toMatchObject([{ what: { kind: 'storage', field: 'iops' }, before: 12_000, after: 24_000 }])
    expect(price).toMatchObject({ usd: 240, asOf: '2026-01-02' })
    expect(effect.aas.after).toBeLessThan(2)
  })

  test('that is not at its limit is left alone', () => {
    expect(refusal('storage', waits)).toBeDefined()
    expect(refusal('storage', onCpu(6))).toBeUndefined()
  })

  test('that is nearly full grows, never by less than the API takes, with a ceiling above it', () => {
    const full = { ...onCpu(1), signals: { storage_free_bytes: 20 * 1024 ** 3 } }
    const { steps, reversible, price } = advice('storage', full)
    const becomes = (field: string) =>
      Number(steps!.find(({ what }) => what.kind === 'storage' && what.field === field)?.after)
    expect(becomes('size')).toBeGreaterThanOrEqual(1.1 * INSTANCE.storage.gib)
    expect(becomes('ceiling')).toBeGreaterThanOrEqual(1.26 * becomes('size'))
    expect(becomes('iops')).toBe(12_000)
    expect(reversible).toBe(false)
    expect(price!.usd).toBeCloseTo(0.1 * (becomes('size') - 500), 6)
  })
})

test('a port that a security group shuts is opened to the client that was asked for', () => {
  const { steps } = advice(
    'security-group-rule',
    onCpu(1),
    SURGE,
    withEvent({
      source: 'network',
      kind: 'shut-security-group',
      message: 'no rule of sg-0abc12 lets 10.1.2.3 in to TCP 5432',
    }),
  )
  expect(steps).toMatchObject([
    { what: { kind: 'security-group-rule', port: 5432, group: 'sg-0abc12' }, after: '10.1.2.3/32' },
  ])
})

test('a parameter group that waits is put into force by a restart, one that is broken is reset by a person', () => {
  const waiting = withEvent({
    source: 'rds',
    kind: 'pending-change',
    message: 'parameters of orders-16 wait for a restart',
  })
  expect(advice('parameter-group', onCpu(1), SURGE, waiting).steps).toMatchObject([
    { what: { kind: 'restart' }, outage: 'restart' },
  ])
  const broken = withEvent({
    source: 'rds',
    kind: 'state',
    message: 'orders takes no connections: x (incompatible-parameters)',
  })
  expect(advice('parameter-group', onCpu(1), SURGE, broken)).toMatchObject({ horizon: 'now', steps: [] })
  expect(planned(onCpu(1)).advice.map(({ remedy }) => remedy)).not.toContain('parameter-group')
})

describe('a pooler', () => {
  const oversubscribed = finding('pools-oversubscribed', [])
  const pools = times(6, i => idle(15, { application: `app${i}` }))

  test('is for sessions that idle, and is priced where it is RDS Proxy', () => {
    const { effect, price, commands } = advice('pooler', { idle: pools }, oversubscribed)
    expect(effect.slots.after).toBeLessThan(20)
    expect(price!.usd).toBeCloseTo(0.015 * 2 * 730, 2)
    expect(commands.join('\n')).toContain('pool_mode = transaction')
  })

  test('is of no use to sessions that work, and names what pins them', () => {
    const busy = { sessions: times(50, i => session(`${i}`)), idle: [idle(5)] }
    expect(refusal('pooler', busy, oversubscribed)).toBeDefined()
    const pinned = { sessions: [session('1', { statement: 'select pg_advisory_lock($1)' })], idle: pools }
    expect(advice('pooler', pinned, oversubscribed).effect.summary).toContain('session locks')
  })
})

test('max_connections is not raised beyond what the memory carries', () => {
  const oversubscribed = finding('pools-oversubscribed', ['max-connections'])
  const { reason } = refusal('max-connections', { idle: [idle(96)] }, oversubscribed, e => {
    const steady = { ...e, ticks: e.ticks.map(tick => ({ ...tick, ...e.ticks.at(-1)!, t: tick.t })) }
    return onRds(steady)
  })!
  expect(reason).toContain('incompatible-parameters')
})
