// What the rule finds, what it points at, and what it leaves to others.
import { describe, expect, test } from 'vitest'
import { evidence, idle, refusedProbe, T0 } from '../../../test/kit/evidence.ts'
import { calmThen, causes, peace } from '../../../test/kit/incident.ts'
import { diagnose } from '../index.ts'

describe('role limit', () => {
  test('one role is full, the server is not', () => {
    const e = evidence(
      20,
      calmThen(() => ({ ...peace, idle: [idle(10), idle(6, { user: 'checkout' })] })),
      { roleLimits: { checkout: 6 } },
    )
    const d = diagnose(e, T0)
    expect(d.findings[0]).toMatchObject({ cause: 'role-limit', kind: 'role', subject: { user: 'checkout' } })
    expect(d.slots.clamped).toBe(false)
  })

  test('is told by the probe that is refused for it', () => {
    const refused = { ...refusedProbe, failure: 'role-limit' as const }
    expect(
      causes(
        evidence(
          20,
          calmThen(() => ({ ...peace, probe: refused })),
        ),
      )[0],
    ).toBe('role-limit')
  })

  test('is told by the refusals of other clients, where no sample and no probe shows it', () => {
    const e = evidence(20, () => peace)
    const told = Array.from({ length: 10 }, (_, i) => ({
      t: T0 + (10 + i) * 1_000,
      source: 'log' as const,
      failure: 'role-limit' as const,
      user: 'checkout',
      count: 3,
    }))
    const d = diagnose({ ...e, failures: told }, T0)
    expect(d.findings[0]).toMatchObject({ cause: 'role-limit', kind: 'role', subject: { user: 'checkout' } })
    expect(d.findings[0]!.evidence.some(({ weight }) => weight === 'missing')).toBe(false)
    expect(d.incident!.from).toBe(T0 + 10_000)
    expect(d.others).toEqual({
      failed: 30,
      byFailure: { 'role-limit': 30 },
      bySource: { log: 30 },
      firstFailure: T0 + 10_000,
    })
  })

  test('wrong passwords of others are counted and are no incident', () => {
    const e = evidence(20, () => peace)
    const failure = { source: 'log' as const, failure: 'authentication-failed' as const, count: 9 }
    const d = diagnose({ ...e, failures: e.ticks.map(({ t }) => ({ t, ...failure })) }, T0)
    expect(d.outcome).toBe('healthy')
    expect(d.others!.failed).toBe(180)
  })

  test('a database is full when Spillway itself took the last connection, and is named once', () => {
    const four = () => ({ ...peace, sessions: [], idle: [idle(4, { database: 'shop' })] })
    const e = evidence(
      20,
      second => (second < 10 ? { ...peace, sessions: [], idle: [idle(2, { database: 'shop' })] } : four()),
      {
        roleLimits: { 'database:shop': 5 },
      },
    )
    const d = diagnose({ ...e, target: { ...e.target, user: 'spillway', database: 'shop' } }, T0)
    expect(d.findings.map(({ cause, kind, subject }) => [cause, kind, subject])).toEqual([
      ['role-limit', 'database', { database: 'shop' }],
    ])
  })
})
