// What the rule finds, what it points at, and what it leaves to others.
import { describe, expect, test } from 'vitest'
import { evidence, idle, refusedProbe, T0, type TickSpec, times } from '../../../test/kit/evidence.ts'
import { calmThen, causes, idleRoot, pileUp } from '../../../test/kit/incident.ts'
import { diagnose } from '../index.ts'

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
