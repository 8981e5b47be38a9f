// The pooler at its end while the server has room; what holds its connections comes first.
import { describe, expect, test } from 'vitest'
import { evidence, idle, session, T0, times, waiter } from '../../../test/kit/evidence.ts'
import { said, told, withMore } from '../../../test/kit/failing.ts'
import { calmThen, idleRoot, peace } from '../../../test/kit/incident.ts'
import type { Evidence } from '../../model/index.ts'
import { diagnose } from '../index.ts'

const findings = (e: Evidence) => diagnose(e, T0).findings
const calm = evidence(30, () => peace)
const full = said(
  12,
  'pgbouncer',
  'pool-exhausted',
  'pool shop/checkout has all its 4 server connections in use, in session mode: 9 clients wait',
)
const over = (second: number) => said(second, 'pgbouncer', 'over', 'over: pool-exhausted shop/checkout')

test('clients that wait in its queue are an incident, and the pool is named', () => {
  const d = diagnose(withMore(calm, { events: [full] }), T0)
  expect(d.findings).toMatchObject([
    { cause: 'pooler-exhausted', kind: 'pool', subject: { user: 'checkout', database: 'shop' } },
  ])
  expect(d.incident).toMatchObject({ from: T0 + 12_000, ongoing: true })
})

test('a queue that is soon over is none', () => {
  expect(diagnose(withMore(calm, { events: [full, over(13)] }), T0).outcome).toBe('healthy')
  expect(diagnose(withMore(calm, { events: [full, over(20)] }), T0).incident).toMatchObject({
    to: T0 + 20_000,
  })
})

test('refusals of the pooler are its own, whatever code they have', () => {
  const failures = told([12, 30], 'slots-exhausted', {
    source: 'pooler',
    user: 'web',
    native: { code: '', message: 'no more connections allowed (max_client_conn)' },
  })
  expect(findings(withMore(calm, { failures }))).toMatchObject([
    { cause: 'pooler-exhausted', kind: 'clients', subject: { user: 'web' }, share: { failures: 1 } },
  ])
})

test('RDS Proxy', () => {
  const failures = told([12, 30], 'slots-exhausted', { source: 'proxy' })
  const events = [said(12, 'rds-proxy', 'slow-borrow', 'clients of proxy p wait 70 s for a connection')]
  expect(findings(withMore(calm, { failures, events }))).toMatchObject([
    { cause: 'pooler-exhausted', kind: 'borrow' },
  ])
})

test('a lock that holds the connections of the pool comes first, and the pooler follows', () => {
  const locked = evidence(
    30,
    calmThen(second => ({
      sessions: [
        idleRoot(second),
        ...times(8, i => waiter(`w${i}`, ['99'], { stateAgeMs: 1000 * (second + 1) })),
      ],
      idle: [idle(4)],
    })),
  )
  const failures = told([14, 30], 'slots-exhausted', { source: 'pooler' })
  const causes = findings(withMore(locked, { failures, events: [full] })).map(({ cause }) => cause)
  expect(causes[0]).toBe('idle-in-transaction')
  expect(causes).toContain('pooler-exhausted')
})

describe('the application’s own pool', () => {
  const bank = (i: number) => session(`b${i}`, { user: 'bank', application: 'bank', waitClass: 'Client' })
  const starved = evidence(40, second =>
    second < 20
      ? {
          sessions: [bank(1)],
          idle: [idle(10), idle(2, { user: 'bank', application: 'bank' })],
          signals: { latency_ms: 5 + (second % 3) },
        }
      : { sessions: times(3, bank), idle: [idle(10)], signals: { latency_ms: 900 + (second % 3) } },
  )

  test('all of it in use, with latency at the clients and room at the server', () => {
    expect(findings(starved)).toMatchObject([
      { cause: 'client-pool-starved', subject: { application: 'bank' } },
    ])
  })

  const complaints = told([20, 40], 'client-pool-timeout', { source: 'application', application: 'bank' })

  test('by the word of its log, though its connections idle in its hands', () => {
    const idling = evidence(40, () => ({
      sessions: [session('1')],
      idle: [idle(10), idle(3, { user: 'bank', application: 'bank' })],
    }))
    expect(diagnose(idling, T0).outcome).toBe('healthy')
    expect(findings(withMore(idling, { failures: complaints }))).toMatchObject([
      { cause: 'client-pool-starved', subject: { application: 'bank' }, share: { failures: 1 } },
    ])
  })

  test('comes after who holds its sessions up', () => {
    const blocked = evidence(40, second => ({
      sessions:
        second < 20
          ? [session('1')]
          : [
              session('9', { state: 'idle in transaction', stateAgeMs: 1000 * (second - 19) }),
              ...times(3, i => waiter(`b${i}`, ['9'], { user: 'bank', application: 'bank' })),
            ],
      idle: [idle(10), idle(3, { user: 'bank', application: 'bank' })],
    }))
    expect(findings(withMore(blocked, { failures: complaints }))[0]).toMatchObject({
      cause: 'idle-in-transaction',
      share: { failures: 1 },
    })
  })

  test('is left alone where nobody is worse off', () => {
    const well = {
      ...starved,
      ticks: starved.ticks.map(({ signals: { latency_ms, ...signals }, ...tick }) => ({ ...tick, signals })),
    }
    expect(diagnose(well, T0).outcome).toBe('healthy')
  })
})
