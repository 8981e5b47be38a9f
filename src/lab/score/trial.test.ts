import { describe, expect, test } from 'vitest'
import { diagnosis, finding } from '../../../test/kit/diagnosis.ts'
import { evidence, idle, refusedProbe, T0 } from '../../../test/kit/evidence.ts'
import type { Cause, Diagnosis, Evidence, Finding, Plan } from '../../model/index.ts'
import type { Truth } from '../scenario.ts'
import type { Recording } from '../trial.ts'
import { type Judges, scoreTrial } from './trial.ts'

const FAULT_AT = 10
const FULL_AT = 20

/** Ten seconds of peace; then three slots a second go, until none is left. */
const seen = evidence(30, second => ({
  idle: [idle(Math.min(36, 8 + 3 * Math.max(0, second - FAULT_AT)))],
  ...(second >= FULL_AT ? { probe: refusedProbe } : {}),
}))

const recording = (truth: Truth | null, session?: string): Recording => ({
  truth: {
    ...{ scenario: 'leak', engine: 'postgres', seed: 1, intensity: 1, serverVersion: '18', truth },
    injection: { begunAt: T0 + FAULT_AT * 1000, t: T0 + FAULT_AT * 1000, ...(session && { session }) },
  },
  evidence: seen,
})

const leak: Truth = {
  cause: 'connection-leak',
  also: [],
  remedy: { helps: 'idle-session-timeout', harms: 'scale-up' },
}

/** Says what is to be said in a second, and `healthy` where that is nothing. */
const saying = (
  say: (second: number) => (Cause | Finding)[],
  more: (second: number) => Partial<Diagnosis> = () => ({}),
): Judges => ({
  diagnose: (upTo: Evidence) => {
    const second = (upTo.to - T0) / 1000 - 1
    const findings = say(second).map(one => (typeof one === 'string' ? finding(one, []) : one))
    const outcome = findings.length > 0 ? 'diagnosed' : 'healthy'
    return diagnosis(upTo, FAULT_AT, findings, { outcome, ...more(second) })
  },
  plan: (_, { target }) =>
    ({
      schema: 'spillway/plan/v1',
      target,
      createdAt: 0,
      notAdvised: [],
      advice: [{ remedy: 'pool-size' }],
    }) as unknown as Plan,
})

const from =
  (second: number, ...causes: Cause[]) =>
  (now: number) =>
    now >= second ? causes : []

describe('what is said at the end', () => {
  test.each<[string, Cause[], boolean, boolean]>([
    ['the cause', ['connection-leak'], true, true],
    ['another first', ['load-surge', 'connection-leak'], false, true],
    ['nothing', [], false, false],
  ])('%s', (_, causes, top1, top2) => {
    expect(scoreTrial(recording(leak), saying(from(12, ...causes)))).toMatchObject({ top1, top2 })
  })

  test('of two faults both have to be named, in any order', () => {
    const truth: Truth = { cause: 'connection-leak', also: [], second: 'load-surge' }
    const score = (...causes: Cause[]) => scoreTrial(recording(truth), saying(from(12, ...causes)))
    expect(score('load-surge')).toMatchObject({ top1: true, both: false })
    expect(score('load-surge', 'connection-leak')).toMatchObject({ top1: true, both: true })
  })

  test('the remedies are held against the plan', () => {
    expect(scoreTrial(recording(leak), saying(from(12, 'connection-leak')))).toMatchObject({
      helps: false,
      harmless: true,
    })
  })
})

describe('who is to blame', () => {
  const blaming = (subject: Finding['subject'] & {}) =>
    saying(() => [finding('connection-leak', [], { subject })])

  test('the session that was injected, and no other', () => {
    const score = (id: string) =>
      scoreTrial(recording(leak, '7'), blaming({ session: { id, state: 'idle' } })).subject
    expect([score('7'), score('8')]).toEqual([true, false])
  })

  test('the application or the words of the statement', () => {
    const truth: Truth = { ...leak, subject: { application: 'web', statement: 'orders' } }
    const score = (statement: string) =>
      scoreTrial(recording(truth), blaming({ application: 'web', statement })).subject
    expect([score('select from orders'), score('select from payments')]).toEqual([true, false])
  })

  test('where the truth points at nobody, nothing is scored', () => {
    expect(scoreTrial(recording(leak), blaming({}))).not.toHaveProperty('subject')
  })
})

describe('when it is said', () => {
  test('counts from the fault to the second verdict in a row', () => {
    expect(scoreTrial(recording(leak), saying(from(13, 'connection-leak')))).toMatchObject({
      namedMs: 4_000,
      effectMs: 10_000,
      misled: false,
      falseAlarm: false,
    })
  })

  test('once is not said', () => {
    const once = (second: number): Cause[] => (second === 13 ? ['connection-leak'] : [])
    expect(scoreTrial(recording(leak), saying(once))).not.toHaveProperty('namedMs')
  })

  test('what is not true misleads, before the fault it is a false alarm', () => {
    expect(scoreTrial(recording(leak), saying(from(12, 'load-surge')))).toMatchObject({ misled: true })
    expect(scoreTrial(recording(leak), saying(from(5, 'load-surge')))).toMatchObject({ falseAlarm: true })
  })

  test('where nothing is wrong, any cause is a false alarm at any time', () => {
    expect(
      scoreTrial(
        recording(null),
        saying(() => []),
      ),
    ).toMatchObject({ top1: true, falseAlarm: false })
    expect(scoreTrial(recording(null), saying(from(20, 'load-surge')))).toMatchObject({
      top1: false,
      falseAlarm: true,
    })
  })
})

test('the forecast is asked half-way to the moment without a slot', () => {
  const forecasting = (p50: number) =>
    saying(from(12, 'connection-leak'), second =>
      second === 15
        ? {
            slots: {
              used: 0,
              peak: 0,
              clamped: false,
              byState: {},
              timeToExhaustion: { p10: 1, p50, p90: 9 },
            },
          }
        : {},
    )
  expect(scoreTrial(recording(leak), forecasting(6.75)).exhaustion).toEqual({
    actualS: 4.5,
    predictedS: 6.75,
    error: 0.5,
  })
  expect(
    scoreTrial(
      recording(leak),
      saying(() => []),
    ).exhaustion,
  ).toEqual({ actualS: 4.5 })
})
