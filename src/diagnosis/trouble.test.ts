import { describe, expect, test } from 'vitest'
import { evidence, refusedProbe } from '../../test/kit/evidence.ts'
import type { Failure, ProbeResult } from '../model/index.ts'
import { troubles } from './trouble.ts'

const failed = (failure: Failure): ProbeResult => ({ ...refusedProbe, failure })

/** Seconds in which connects fail; attempts are made only in those that are given. */
const failing = (seconds: number, attempts: Record<number, ProbeResult | undefined>): number[] =>
  troubles(evidence(seconds, second => (second in attempts ? ofAttempt(attempts[second]) : { probe: false })))
    .map((found, second) => (found.includes('connects') ? second : -1))
    .filter(second => second >= 0)

const ofAttempt = (probe: ProbeResult | undefined) => (probe ? { probe } : {})
const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n)

describe('attempts that are made less often', () => {
  const denied = failed('authentication-failed')

  test('fail between two failures as well, and to the end', () =>
    expect(failing(50, { 2: denied, 32: denied })).toEqual(from(2, 49)))
  test('say nothing of the time until one that succeeds', () =>
    expect(failing(50, { 2: denied, 32: undefined })).toEqual([2]))
  test('speak for a minute at most', () => expect(failing(200, { 10: denied })).toEqual(from(10, 69)))
  test('for want of a slot speak for their moment: slots come and go', () =>
    expect(failing(20, { 3: refusedProbe, 9: refusedProbe })).toEqual([3, 9]))
})
