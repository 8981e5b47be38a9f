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

  test('a hot row that goes from hand to hand has no head, and nobody to end', () => {
    const hot = (second: number): TickSpec => ({
      sessions: [
        session(`h${second}`, { waitClass: 'Timeout' }),
        ...times(20, i => waiter(`${i}`, [`h${second}`])),
      ],
      idle: [idle(5)],
    })
    const [finding] = diagnose(evidence(30, calmThen(hot)), T0).findings
    expect(finding).toMatchObject({ cause: 'lock-contention', kind: 'row', subject: { object: 'orders' } })
    expect(finding?.subject?.session).toBeUndefined()
    expect(finding?.remedies).not.toContain('end-session')
    expect(diagnose(evidence(15, hot), T0).findings[0]?.cause).toBe('lock-contention')
  })

  test('two forgotten transactions are two findings, each with its own queue', () => {
    const forgotten = (id: string, second: number) =>
      session(id, {
        state: 'idle in transaction',
        stateAgeMs: 1000 * (second + 1),
        transactionAgeMs: 1000 * (second + 1),
      })
    const both = (second: number): TickSpec => ({
      sessions: [
        forgotten('99', second),
        forgotten('88', second),
        ...times(12, i => waiter(`a${i}`, ['99'])),
        ...times(9, i => waiter(`b${i}`, ['88'], { lock: { kind: 'row', object: 'stock' } })),
      ],
      idle: [idle(4)],
    })
    const { findings } = diagnose(evidence(20, calmThen(both)), T0)
    const roots = findings.filter(({ cause }) => cause === 'idle-in-transaction')
    expect(roots.map(({ subject }) => [subject?.session?.id, subject?.object])).toEqual([
      ['99', 'orders'],
      ['88', 'stock'],
    ])
  })
})
