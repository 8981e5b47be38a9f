// A wall on the way is told apart from loss, from a restart, and from whatever the server does meanwhile.
import { describe, expect, test } from 'vitest'
import { evidence, refusedProbe, session, T0, times } from '../../../test/kit/evidence.ts'
import { failing, said, shutOut, silent, told, withMore } from '../../../test/kit/failing.ts'
import { calmThen, idleRoot, peace, pileUp } from '../../../test/kit/incident.ts'
import type { Failure } from '../../model/index.ts'
import { diagnose } from '../index.ts'

const wall = (failure: Failure) =>
  evidence(
    20,
    calmThen(() => shutOut(failure)),
  )
const top = (e: Parameters<typeof diagnose>[0]) =>
  diagnose(e, T0).findings.map(({ cause, kind }) => [cause, kind])

test.each<[Failure, string]>([
  ['name-not-resolved', 'dns'],
  ['connection-refused', 'refused'],
  ['connect-timeout', 'dropped'],
  ['unreachable', 'no-route'],
])('%s is %s', (failure, kind) => {
  const d = diagnose(wall(failure), T0)
  expect(d.findings.map(finding => [finding.cause, finding.kind])).toEqual([['network-unreachable', kind]])
  expect(d.findings[0]).toMatchObject({ severity: 'critical', share: { aas: 0, slots: 0, failures: 1 } })
  expect(d.incident).toMatchObject({ from: T0 + 10_000, ongoing: true })
  expect(d.verdict).toHaveLength(3)
})

test('attempts alone tell, without a single sample', () => {
  expect(top(evidence(10, () => silent('name-not-resolved')))).toEqual([['network-unreachable', 'dns']])
  expect(top(evidence(10, () => silent('connection-refused')))).toEqual([['network-unreachable', 'refused']])
})

test('attempts that fail for no known reason, without a sample, are too little', () => {
  expect(
    diagnose(
      evidence(10, () => silent('unclassified')),
      T0,
    ).outcome,
  ).toBe('insufficient-data')
})

describe('a connection that is taken and then met with silence', () => {
  test('is a wall where the held one has died as well', () => {
    expect(
      top(
        evidence(
          30,
          calmThen(() => silent('handshake-timeout')),
        ),
      )[0],
    ).toEqual(['network-unreachable', 'dropped'])
  })

  test('and none while the server answers the held one', () => {
    expect(top(wall('handshake-timeout')).map(([cause]) => cause)).not.toContain('network-unreachable')
  })
})

test('a shut gate is named, and makes it sure', () => {
  const gate = said(
    19,
    'network',
    'shut-security-group',
    'sg-1 has no ingress rule for TCP 5432 from 10.0.0.9: add one',
  )
  const other = said(19, 'network', 'shut-dns', 'enableDnsSupport of the VPC is off')
  const [plain] = diagnose(wall('connect-timeout'), T0).findings
  const [named] = diagnose(withMore(wall('connect-timeout'), { events: [gate, other] }), T0).findings
  expect(named!.title).toBe(gate.message)
  expect(named!.confidence).toBeGreaterThan(plain!.confidence)
  // A gate of another kind proves nothing here.
  expect(diagnose(withMore(wall('connect-timeout'), { events: [other] }), T0).findings[0]!.title).toBe(
    plain!.title,
  )
})

test('a shut gate alone is an incident where nobody tried, and none where attempts succeed', () => {
  const gate = said(19, 'network', 'shut-route', 'rtb-1 has no route to 10.0.0.9')
  const untried = evidence(20, () => ({ ...peace, probe: false }))
  expect(top(withMore(untried, { events: [gate] }))).toEqual([['network-unreachable', 'no-route']])
  expect(
    diagnose(
      withMore(
        evidence(20, () => peace),
        { events: [gate] },
      ),
      T0,
    ).outcome,
  ).toBe('healthy')
})

test('a pile-up behind a lock and a wall are two findings, unrelated', () => {
  const both = evidence(
    30,
    calmThen(second => ({
      ...pileUp([idleRoot(second)])(Math.min(second, 3)),
      probe: failing('connect-timeout'),
    })),
  )
  const d = diagnose(both, T0)
  expect(d.findings.map(({ cause }) => cause).sort()).toEqual(
    expect.arrayContaining(['idle-in-transaction', 'network-unreachable']),
  )
  expect(d.findings.find(({ cause }) => cause === 'network-unreachable')!.share).toEqual({
    aas: 0,
    slots: 0,
    failures: 1,
  })
  expect(d.findings.find(({ cause }) => cause === 'idle-in-transaction')!.share.failures).toBe(0)
  expect(d.verdict).toHaveLength(3)
})

test('a load that is high and harmless has no part in it', () => {
  const busy = evidence(30, second => ({
    ...peace,
    sessions: times(3, i => session(`${i}`)),
    ...(second < 15 ? {} : { probe: failing('connection-refused') }),
  }))
  expect(top(busy)).toEqual([['network-unreachable', 'refused']])
})

test('a full server is the slots’ matter, beside a client that does not resolve the name', () => {
  const e = evidence(
    20,
    calmThen(second => pileUp([idleRoot(second)])(second + 6)),
  )
  const d = diagnose(
    withMore(e, { failures: told([12, 20], 'name-not-resolved', { source: 'application' }) }),
    T0,
  )
  expect(d.findings[0]!.cause).toBe('idle-in-transaction')
  expect(d.findings.map(({ cause }) => cause)).toContain('network-unreachable')
  const shares = d.findings.map(({ share }) => share.failures)
  expect(Math.max(...shares)).toBeLessThan(1)
  expect(d.connect.byFailure).toEqual({ [refusedProbe.failure!]: 10 })
})
