import { describe, expect, test } from 'vitest'
import { diagnosis, finding } from '../../test/kit/diagnosis.ts'
import { evidence, idle, T0 } from '../../test/kit/evidence.ts'
import type { FailureCount, Finding } from '../model/index.ts'
import { CATALOGUE } from './catalogue/index.ts'
import { isAdvised } from './remedy.ts'
import { scene, situation } from './situation.ts'
import { wantedBy } from './wanted.ts'

const CAPPED = finding('role-limit', [], { subject: { user: 'web' } })
const STARVED = finding('client-pool-starved', [], { subject: { user: 'web', application: 'web' } })

/** Six sessions of web, each used again after so long, and so many refused every second of the last half. */
const given = (refusedPerS: number, heldMs: number, failure: FailureCount['failure'] = 'role-limit') => ({
  ...evidence(20, () => ({ sessions: [], idle: [idle(6, { oldestStateAgeMs: (heldMs * 6) / 7 })] }), {
    roleLimits: { web: 6 },
  }),
  failures: Array.from(
    { length: refusedPerS > 0 ? 10 : 0 },
    (_, i): FailureCount => ({
      ...{ t: T0 + 1000 * (10 + i), source: failure === 'role-limit' ? 'log' : 'application' },
      ...{ failure, user: 'web', application: 'web', count: refusedPerS },
    }),
  ),
})

const weigh = (code: string, cause: Finding, seen: ReturnType<typeof given>) => {
  const result = CATALOGUE.find(one => one.code === code)?.weigh(
    situation(seen, diagnosis(seen, 10, [cause]), cause),
  )
  if (!result || !isAdvised(result)) throw new Error(`${code} is not advised: ${result?.reason}`)
  return result
}

const wanted = (seen: ReturnType<typeof given>) =>
  wantedBy(
    scene(seen, diagnosis(seen, 10, [CAPPED])),
    ({ user }) => user === 'web',
    ({ failure }) => failure === 'role-limit',
  )

describe('who is refused some wants', () => {
  test('what it has, and λ × W for the rest', () => {
    expect(wanted(given(20, 300))?.mean).toBeCloseTo(6 + 20 * 0.3)
    expect(wanted(given(20, 300))?.most).toBe(Math.ceil(12 + 3 * Math.sqrt(12)))
  })

  test('an unknown number, where nothing was refused or sessions are left alone', () => {
    expect(wanted(given(0, 300))).toBeUndefined()
    expect(wanted(given(20, 4000))).toBeUndefined()
  })
})

test('a role gets the limit that it wants, as far as the others keep a spare', () => {
  // Of 37 seven are taken (one is Spillway’s own), and 30 are free.
  const limitFor = (refusedPerS: number) =>
    weigh('role-limit', CAPPED, given(refusedPerS, 200)).steps?.[0]?.after
  expect(limitFor(10)).toBe(Math.ceil(8 + 3 * Math.sqrt(8)))
  expect(limitFor(400)).toBe(6 + 30 - Math.ceil(0.15 * 37))
  expect(weigh('role-limit', CAPPED, given(400, 200)).effect.unserved).toBeGreaterThan(0.5)
  expect(limitFor(0)).toBe(12)
})

test('a pool that is too small for its own requests grows, and is not taken for idle', () => {
  const { budget, effect } = weigh('pool-size', STARVED, given(20, 300, 'client-pool-timeout'))
  expect(budget!.pools[0]!.size).toBe(Math.ceil(12 + 3 * Math.sqrt(12)))
  expect(effect.slots.after).toBeGreaterThan(effect.slots.before)
  expect(effect.connectsRecover).toBe(true)
})
