// What the rule finds, what it points at, and what it leaves to others.
import { describe, expect, test } from 'vitest'
import { evidence, idle, refusedProbe, T0, type TickSpec } from '../../../test/kit/evidence.ts'
import { calmThen } from '../../../test/kit/incident.ts'
import { diagnose } from '../index.ts'

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
