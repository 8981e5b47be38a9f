// What the rule finds, what it points at, and what it leaves to others.
import { describe, expect, test } from 'vitest'
import { evidence, idle, session, T0, type TickSpec, times, waiter } from '../../../test/kit/evidence.ts'
import { calmThen, causes, pileUp } from '../../../test/kit/incident.ts'
import { diagnose } from '../index.ts'

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
