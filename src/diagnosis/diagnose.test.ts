// The specification of the diagnosis, cause by cause: what is found, at what it points, and what is left alone.
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
import { CAUSES, type Evidence } from '../model/index.ts'
import { diagnose } from './index.ts'

const causes = (e: Evidence) => diagnose(e, T0).findings.map(finding => finding.cause)

const peace: TickSpec = { sessions: [session('1')], idle: [idle(10)], signals: { commits_per_s: 100 } }

/** Ten peaceful ticks, then the given ones. */
const calmThen = (incident: (second: number) => TickSpec) => (second: number) =>
  second < 10 ? peace : incident(second - 10)

/** A pile-up that grows by four sessions a second behind session 99, until the slots are gone. */
const pileUp =
  (root: TickSpec['sessions'] & {}, lock?: Parameters<typeof waiter>[2]) =>
  (second: number): TickSpec => {
    const waiting = Math.min(26, 4 * (second + 1))
    return {
      sessions: [
        ...root,
        ...times(waiting, i => waiter(`w${i}`, ['99'], { stateAgeMs: 1000 * (second + 1), ...lock })),
      ],
      idle: [idle(9)],
      ...(waiting < 26 ? {} : { probe: refusedProbe }),
    }
  }

const idleRoot = (second: number) =>
  session('99', {
    state: 'idle in transaction',
    application: 'billing',
    user: 'billing',
    stateAgeMs: 1000 * (second + 1),
    transactionAgeMs: 1000 * (second + 1),
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

  test('a single failed probe is a blip', () => {
    const e = evidence(30, second => (second === 15 ? { ...peace, probe: refusedProbe } : peace))
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

describe('idle in transaction', () => {
  const e = evidence(
    20,
    calmThen(second => pileUp([idleRoot(second)])(second)),
  )

  test('is the root, and the lock queue follows from it', () => {
    expect(causes(e)).toEqual(['idle-in-transaction', 'lock-contention'])
  })

  test('points at the session at the head and at the table', () => {
    const [root, queue] = diagnose(e, T0).findings
    expect(root?.subject).toMatchObject({ session: { id: '99' }, application: 'billing', object: 'orders' })
    expect(queue).toMatchObject({ kind: 'row', subject: { session: { id: '99' } } })
  })

  test('began when the session went idle, before anything was refused', () => {
    const { incident, connect } = diagnose(e, T0)
    expect(incident?.onset).toBe(T0 + 9_000)
    expect(incident?.ongoing).toBe(true)
    expect(connect.firstFailure).toBeGreaterThan(incident!.onset)
  })

  test('explains nearly all of load, slots and failures', () => {
    const [root] = diagnose(e, T0).findings
    expect(root?.share.aas).toBeGreaterThan(0.95)
    expect(root?.share.slots).toBeGreaterThan(0.5)
    expect(root?.share.failures).toBe(1)
    expect(root?.severity).toBe('critical')
  })

  test('is found without a time before it, and dated by the ages of the sessions', () => {
    const stuck = evidence(8, second => pileUp([idleRoot(second + 300)])(second + 300))
    const d = diagnose(stuck, T0)
    expect(d.findings[0]?.cause).toBe('idle-in-transaction')
    expect(d.incident?.onset).toBeLessThan(T0 - 290_000)
  })

  test('a head that is idle for an instant only is not stuck', () => {
    const brief = evidence(
      20,
      calmThen(second => pileUp([session('99', { state: 'idle in transaction', stateAgeMs: 40 })])(second)),
    )
    expect(causes(brief)).toEqual(['lock-contention'])
  })

  test('many of them hold slots without blocking anybody', () => {
    const hoard = evidence(
      20,
      calmThen(second => ({
        sessions: times(Math.min(30, 4 * second), i =>
          session(`${i}`, { state: 'idle in transaction', stateAgeMs: 1000 * second }),
        ),
        idle: [idle(6)],
      })),
    )
    const d = diagnose(hoard, T0)
    expect(d.findings[0]).toMatchObject({ cause: 'idle-in-transaction', kind: 'hoard' })
  })
})

describe('lock contention', () => {
  const working = (second: number) =>
    session('99', { user: 'batch', application: 'batch', waitClass: 'Timeout', stateAgeMs: 1000 * second })

  test.each(['row', 'relation', 'advisory'] as const)('of kind %s behind a session that works', kind => {
    const e = evidence(
      20,
      calmThen(second => pileUp([working(second)], { lock: { kind, object: 'orders' } })(second)),
    )
    const d = diagnose(e, T0)
    expect(d.findings.map(({ cause, kind: k }) => [cause, k])).toEqual([['lock-contention', kind]])
    expect(d.findings[0]?.subject?.session?.id).toBe('99')
  })

  test('a waiting DDL that holds up all others is a DDL queue', () => {
    const ddl = waiter('50', ['99'], {
      lock: { kind: 'relation', object: 'orders', exclusive: true },
      application: 'migrate',
    })
    const queue = (second: number): TickSpec => ({
      sessions: [
        working(second),
        ddl,
        ...times(Math.min(24, 4 * second), i =>
          waiter(`w${i}`, ['50'], { lock: { kind: 'relation', object: 'orders' } }),
        ),
      ],
      idle: [idle(9)],
    })
    const [finding] = diagnose(evidence(20, calmThen(queue)), T0).findings
    expect(finding).toMatchObject({
      cause: 'lock-contention',
      kind: 'ddl-queue',
      subject: { session: { id: '99' } },
    })
  })

  test('that was always there is no cause of what came later', () => {
    const contended = (second: number) => times(3, i => waiter(`${i}`, [`h${second}`]))
    const e = evidence(30, second => ({
      sessions: [
        session(`h${second}`, { waitClass: 'Timeout' }),
        ...contended(second),
        ...times(second < 15 ? 0 : 12, i => session(`s${i}`, { statementId: 'q' })),
      ],
      signals: { commits_per_s: second < 15 ? 100 : 300 },
    }))
    expect(causes(e)).not.toContain('lock-contention')
  })
})

describe('connection leak', () => {
  const leaking = (second: number): TickSpec => {
    const leaked = Math.min(26, 2 * second)
    return {
      idle: [
        idle(9),
        idle(leaked, {
          user: 'warehouse',
          application: 'warehouse',
          oldestStateAgeMs: 1000 * second,
          unusedCount: leaked,
        }),
      ],
      ...(leaked < 26 ? {} : { probe: refusedProbe }),
    }
  }

  test('drips until the slots are gone', () => {
    const d = diagnose(evidence(30, calmThen(leaking)), T0)
    expect(d.findings[0]).toMatchObject({ cause: 'connection-leak', subject: { application: 'warehouse' } })
    expect(d.ruledOut.map(({ cause }) => cause)).toContain('pools-oversubscribed')
  })

  test('began when its first session was left alone', () => {
    const { incident } = diagnose(evidence(30, calmThen(leaking)), T0)
    expect(incident!.onset).toBeGreaterThanOrEqual(T0 + 9_000)
    expect(incident!.onset).toBeLessThanOrEqual(T0 + 13_000)
  })
})

describe('pools oversubscribed', () => {
  test('more instances, each with a pool that idles', () => {
    const scaledOut = (second: number): TickSpec => {
      const instances = Math.min(8, 1 + second)
      return {
        idle: [
          idle(4, { user: 'billing', application: 'billing' }),
          ...times(instances, i => idle(4, { application: `web-${i}` })),
        ],
        ...(instances < 8 ? {} : { probe: refusedProbe }),
      }
    }
    const d = diagnose(evidence(30, calmThen(scaledOut)), T0)
    expect(d.findings.map(({ cause }) => cause)).toEqual(['pools-oversubscribed'])
    expect(d.findings[0]?.subject?.user).toBe('web')
  })

  test('sessions that are stuck behind a lock are not a pool that is too large', () => {
    expect(
      causes(
        evidence(
          20,
          calmThen(second => pileUp([idleRoot(second)])(second)),
        ),
      ),
    ).not.toContain('pools-oversubscribed')
  })
})

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
})

describe('CPU', () => {
  const busy = (n: number, statementId: string, commits: number): TickSpec => ({
    sessions: times(n, i => session(`${i}`, { statementId })),
    idle: [idle(8)],
    signals: { commits_per_s: commits, cpu_pct: 99 },
  })
  const calm = (statementId: string): TickSpec => ({ ...peace, sessions: [session('1', { statementId })] })
  const split = (before: TickSpec, later: TickSpec) => evidence(30, second => (second < 15 ? before : later))

  test('more calls of the same statement are a surge', () => {
    expect(causes(split(calm('q'), busy(20, 'q', 250)))).toEqual(['load-surge'])
  })

  test('as many calls, but dearer, are a regression', () => {
    const d = diagnose(split(calm('q'), busy(20, 'q', 80)), T0)
    expect(d.findings.map(({ cause }) => cause)).toEqual(['query-regression'])
    expect(d.findings[0]).toMatchObject({ kind: 'plan-change', subject: { statementId: 'q' } })
  })

  test('with scans growing along, an index is missing', () => {
    const dear = busy(20, 'q', 80)
    const e = split(
      { ...calm('q'), signals: { commits_per_s: 100, rows_read_scan_per_s: 1e3 } },
      { ...dear, signals: { ...dear.signals, rows_read_scan_per_s: 1e7 } },
    )
    expect(diagnose(e, T0).findings[0]?.kind).toBe('missing-index')
  })

  test('without a rate of calls the tool abstains rather than guesses', () => {
    const { signals: _, ...dear } = busy(20, 'q', 0)
    const d = diagnose(split({ ...calm('q'), signals: {} }, dear), T0)
    expect(d.outcome).toBe('unknown')
    expect(d.skipped.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['load-surge', 'query-regression']),
    )
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
