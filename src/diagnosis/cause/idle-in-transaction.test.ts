// What the rule finds, what it points at, and what it leaves to others.
import { describe, expect, test } from 'vitest'
import { evidence, idle, session, T0, times } from '../../../test/kit/evidence.ts'
import { calmThen, causes, idleRoot, pileUp } from '../../../test/kit/incident.ts'
import { diagnose } from '../index.ts'

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
