// The server says no: which role, which reason, and whether it came in before.
import { describe, expect, test } from 'vitest'
import { evidence, idle, T0 } from '../../../test/kit/evidence.ts'
import { failing, shutOut, told, withMore } from '../../../test/kit/failing.ts'
import { calmThen, peace } from '../../../test/kit/incident.ts'
import type { Failure } from '../../model/index.ts'
import { diagnose } from '../index.ts'

const findings = (e: Parameters<typeof diagnose>[0]) => diagnose(e, T0).findings

test.each<[Failure, string]>([
  ['authentication-failed', 'password'],
  ['not-permitted', 'no-rule'],
  ['database-unknown', 'database'],
])('%s from the beginning is %s', (failure, kind) => {
  expect(findings(evidence(15, () => shutOut(failure)))).toMatchObject([{ cause: 'auth-failure', kind }])
})

test('who came in before is locked out by a change', () => {
  const e = evidence(
    20,
    calmThen(() => shutOut('authentication-failed')),
  )
  expect(findings(e)).toMatchObject([{ cause: 'auth-failure', kind: 'rotation', onset: T0 + 10_005 }])
})

describe('other clients', () => {
  const e = evidence(30, () => ({
    ...peace,
    idle: [idle(10), idle(4, { user: 'billing', application: 'billing' })],
  }))
  const refused = (user: string, failure: Failure, count = 2) => told([12, 30], failure, { user, count })

  test('of a role whose old sessions go on: a rotation, of that role', () => {
    const d = diagnose(withMore(e, { failures: refused('billing', 'authentication-failed') }), T0)
    expect(d.findings).toMatchObject([
      { cause: 'auth-failure', kind: 'rotation', subject: { user: 'billing' }, share: { failures: 1 } },
    ])
    expect(d.incident!.from).toBe(T0 + 12_000)
    expect(d.verdict[0]).not.toMatch(/Nothing fails/)
  })

  test('two roles for two reasons are two findings', () => {
    const failures = [...refused('billing', 'authentication-failed', 5), ...refused('ghost', 'tls-required')]
    expect(findings(withMore(e, { failures })).map(({ cause, subject }) => [cause, subject?.user])).toEqual([
      ['auth-failure', 'billing'],
      ['tls-failure', 'ghost'],
    ])
  })

  test('somebody who mistypes a password is no incident', () => {
    const failures = told([12, 15], 'authentication-failed', { user: 'ann', count: 1 })
    expect(diagnose(withMore(e, { failures }), T0).outcome).toBe('healthy')
  })

  test('nor is what has failed at intervals all the time', () => {
    const failures = told([4, 30], 'authentication-failed', { count: 3 }).filter((_, i) => i % 5 === 0)
    expect(diagnose(withMore(e, { failures }), T0).outcome).toBe('healthy')
  })

  test('refusals as many as before are not the incident’s', () => {
    const usual = told([0, 30], 'authentication-failed', { user: 'scanner' })
    const made = evidence(
      30,
      calmThen(() => ({ ...peace, probe: failing('tls-certificate') })),
    )
    expect(findings(withMore(made, { failures: usual })).map(({ cause }) => cause)).toEqual(['tls-failure'])
  })
})

test.each<[Failure, string]>([
  ['tls-required', 'required'],
  ['tls-unsupported', 'unsupported'],
  ['tls-certificate', 'certificate'],
])('%s is a failure of TLS: %s', (failure, kind) => {
  expect(
    findings(
      evidence(
        20,
        calmThen(() => shutOut(failure)),
      ),
    ),
  ).toMatchObject([{ cause: 'tls-failure', kind }])
})

test('what a server only counts as denied is told by what Spillway meets itself', () => {
  const failures = told([10, 20], 'authentication-failed', { source: 'counter', count: 20 })
  const e = withMore(
    evidence(
      20,
      calmThen(() => shutOut('tls-required')),
    ),
    { failures },
  )
  expect(findings(e)).toMatchObject([{ cause: 'tls-failure', kind: 'required', share: { failures: 1 } }])
})

test('a blocked host is named', () => {
  const failures = told([12, 20], 'host-blocked', { source: 'counter', host: '10.0.0.7' })
  expect(
    findings(
      withMore(
        evidence(20, () => peace),
        { failures },
      ),
    ),
  ).toMatchObject([{ cause: 'host-blocked', subject: { host: '10.0.0.7' } }])
})
