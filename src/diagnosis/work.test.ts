// Dearer calls or more of them: told apart by the rate of calls.
import { describe, expect, test } from 'vitest'
import { evidence, idle, refusedProbe, session, T0, type TickSpec, times } from '../../test/kit/evidence.ts'
import { causes, peace } from '../../test/kit/incident.ts'
import { diagnose } from './index.ts'

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

  test('sessions held up for one moment, in which a slot was refused, are no regression', () => {
    const e = evidence(30, second =>
      second === 20 ? { ...busy(20, 'q', 80), probe: refusedProbe } : calm('q'),
    )
    expect(diagnose(e, T0)).toMatchObject({ outcome: 'unknown', findings: [] })
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
