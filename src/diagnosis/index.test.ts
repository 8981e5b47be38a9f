// What every diagnosis keeps to: no alarm in peace, no guess without evidence, the same answer for the same evidence.
import { describe, expect, test } from 'vitest'
import {
  evidence,
  idle,
  refusedProbe,
  session,
  T0,
  type TickSpec,
  times,
  waiter,
} from '../../test/kit/evidence.ts'
import { calmThen, idleRoot, peace, pileUp } from '../../test/kit/incident.ts'
import { CAUSES, type ProbeResult } from '../model/index.ts'
import { diagnose } from './index.ts'

test('behind a pooler it says what was not looked at', () => {
  const made = evidence(20, () => peace)
  const d = diagnose({ ...made, target: { ...made.target, viaPooler: true } }, T0)
  expect(d.skipped.map(({ check }) => check)).toContain('connects at the server')
  expect(diagnose(made, T0).skipped).toEqual([])
})

describe('healthy', () => {
  test('an idle database', () => {
    const d = diagnose(
      evidence(20, () => peace),
      T0,
    )
    expect(d.outcome).toBe('healthy')
    expect(d.findings).toEqual([])
    expect(d.incident).toBeUndefined()
  })

  test('busy at the vCPU line, without a failure', () => {
    const busy = (second: number) => ({
      sessions: times(1 + ((second * 7) % 4), i => session(`${i}`)),
      idle: [idle(10)],
    })
    expect(diagnose(evidence(30, busy), T0).outcome).toBe('healthy')
  })

  test('short lock waits behind ever other sessions', () => {
    const contended = (second: number) => ({
      sessions: [session(`h${second}`), ...times(3, i => waiter(`${i}`, [`h${second}`]))],
    })
    expect(diagnose(evidence(30, contended), T0).outcome).toBe('healthy')
  })

  test('a single attempt that the network swallowed is a blip', () => {
    const lost: ProbeResult = { t: 0, ok: false, phase: 'connect', failure: 'connect-timeout', phaseMs: {} }
    const e = evidence(30, second => (second === 15 ? { ...peace, probe: lost } : peace))
    expect(diagnose(e, T0).outcome).toBe('healthy')
  })

  test('but no refusal for want of a slot is, however rare', () => {
    const e = evidence(30, second => (second % 9 === 8 ? { ...peace, probe: refusedProbe } : peace))
    const d = diagnose(e, T0)
    expect([d.outcome, d.connect.failed]).toEqual(['unknown', 3])
  })

  test('a deploy that opens a second set of sessions and then closes the first', () => {
    const deploy = (second: number) => ({
      idle: [
        idle(12),
        idle(second < 10 ? 0 : second < 20 ? 2 * (second - 9) : 12, { host: '10.0.0.2' }),
      ].slice(second < 26 ? 0 : 1),
    })
    expect(diagnose(evidence(40, deploy), T0).outcome).toBe('healthy')
  })

  test('a window that somebody marked, in which nothing is wrong', () => {
    const e = { ...evidence(30, () => peace), window: { from: T0 + 10_000, to: T0 + 20_000 } }
    expect(diagnose(e, T0).outcome).toBe('healthy')
  })

  test('gaps alone are no trouble', () => {
    const e = evidence(30, second => (second % 5 === 0 ? { gap: true, probe: false } : peace))
    const d = diagnose(e, T0)
    expect([d.outcome, d.load.gaps, d.load.ticks]).toEqual(['healthy', 6, 24])
  })

  test('a pool that was always as large as its role may have, and idles', () => {
    const e = evidence(20, () => ({ idle: [idle(6, { user: 'reports' })] }), { roleLimits: { reports: 6 } })
    expect(diagnose(e, T0).outcome).toBe('healthy')
  })
})

describe('what cannot be told', () => {
  test('refused attempts without a sample are insufficient data, and say how they fail', () => {
    const d = diagnose(
      evidence(5, () => ({ gap: true, probe: refusedProbe })),
      T0,
    )
    expect(d.outcome).toBe('insufficient-data')
    expect(d.connect).toMatchObject({ attempts: 5, failed: 5, byFailure: { 'reserved-slots-only': 5 } })
  })

  test('two samples are too few for health', () => {
    expect(
      diagnose(
        evidence(2, () => peace),
        T0,
      ).outcome,
    ).toBe('insufficient-data')
  })

  test('nothing at all', () => {
    const d = diagnose(
      evidence(0, () => peace),
      T0,
    )
    expect([d.outcome, d.findings.length, d.blocking.length, d.holders.length]).toEqual([
      'insufficient-data',
      0,
      0,
      0,
    ])
  })

  test('refusals whose sessions fit no cause are unknown', () => {
    const odd = (second: number): TickSpec => ({
      sessions: times(36, i => session(`${second}-${i}`, { waitClass: 'IO', statementId: `${i}` })),
      probe: refusedProbe,
    })
    expect(diagnose(evidence(20, calmThen(odd)), T0).outcome).toBe('unknown')
  })
})

describe('every diagnosis', () => {
  const all = [
    evidence(
      20,
      calmThen(second => pileUp([idleRoot(second)])(second)),
    ),
    evidence(20, () => peace),
    evidence(5, () => ({ gap: true, probe: refusedProbe })),
  ]

  test('is the same for the same evidence, and leaves the evidence alone', () => {
    for (const e of all) {
      const before = structuredClone(e)
      expect(diagnose(e, T0)).toEqual(diagnose(structuredClone(e), T0))
      expect(e).toEqual(before)
    }
  })

  test('has shares and confidences between 0 and 1, and says of every cause what became of it', () => {
    for (const d of all.map(e => diagnose(e, T0))) {
      for (const { confidence, share } of d.findings) {
        for (const value of [confidence, share.aas, share.slots, share.failures]) {
          expect(value).toBeGreaterThanOrEqual(0)
          expect(value).toBeLessThanOrEqual(1)
        }
      }
      if (d.outcome !== 'diagnosed') continue
      const named = [...d.findings, ...d.ruledOut].map(({ cause }) => cause as string)
      expect([...named, ...d.skipped.map(({ check }) => check)]).toEqual(expect.arrayContaining([...CAUSES]))
    }
  })
})
