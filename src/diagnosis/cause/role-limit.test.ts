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
