import { describe, expect, test } from 'vitest'
import { diagnosis } from '../../../test/kit/diagnosis.ts'
import { evidence, idle, refusedProbe, session, T0, times, waiter } from '../../../test/kit/evidence.ts'
import type { Effect, Plan } from '../../model/index.ts'
import type { Treatment } from '../treatment/treat.ts'
import { cureRates, cureTable } from './cure.ts'
import { scoreTreatment, type TreatmentScore } from './treatment.ts'
import type { TrialScore } from './trial.ts'

const FAULT_AT = 10
const ACTED_AT = 20

/** Ten seconds of peace, ten of a queue that fills the server, ten after the remedy. */
const recorded = (seconds: number, queueAfter: number) =>
  evidence(seconds, second => {
    const waiting = second < FAULT_AT ? 0 : second < ACTED_AT ? 30 : queueAfter
    const busy = times(2, i => session(`b${i}`))
    return {
      sessions: [...busy, ...times(waiting, i => waiter(`w${i}`, ['9']))],
      idle: [idle(waiting > 20 ? 5 : 8)],
      ...(waiting > 20 ? { probe: refusedProbe } : {}),
    }
  })

const effect = (after: number): Effect => ({
  aas: { before: 32, after, low: after - 1, high: after + 1 },
  slots: { before: 37, after: 10 },
  failures: { before: 1, after: 0 },
  ...{ sessionsFreed: 30, slotsFreed: 27, connectsRecover: true, summary: '' },
})

const treatment = (more: Partial<Treatment> = {}): Treatment => ({
  ...{ remedy: 'end-session', title: 'end session 9', effect: effect(2), forced: false, advised: true },
  ...{ by: 'spillway', startedAt: T0 + 1000 * ACTED_AT, actedAt: T0 + 1000 * ACTED_AT, ...more },
})

const plan = (advice: object[] = []) => ({ advice, notAdvised: [] }) as unknown as Plan

const judged = (queueAfter: number, more: Partial<Treatment> = {}, made = plan()) => {
  const before = recorded(ACTED_AT, queueAfter)
  const after = recorded(30, queueAfter)
  const failing = (second: number) => (second < ACTED_AT || queueAfter > 20 ? 9 * second : 9 * ACTED_AT)
  const clients = Array.from({ length: 30 }, (_, i) => ({ t: T0 + 1000 * i, failed: failing(i) }))
  return scoreTreatment(
    { treatment: treatment(more), evidence: after, clients },
    before,
    made,
    diagnosis(before, FAULT_AT, []),
    () => made,
  ) as TreatmentScore
}

describe('a remedy that helps', () => {
  test('brings load, slots, attempts and requests back', () => {
    expect(judged(0)).toMatchObject({
      cured: true,
      sign: true,
      close: true,
      inInterval: true,
      aas: { before: 32, predicted: 2, measured: 2 },
      clients: { before: 9, after: 0 },
      failures: { measured: 0 },
    })
  })

  test('the model of now has the word, not that of then', () => {
    const advice = [{ remedy: 'end-session', title: 'end session 9', effect: effect(4) }]
    expect(judged(0, {}, plan(advice))).toMatchObject({ aasError: 1, close: false, inInterval: false })
  })

  test('a promise of what did not come has the wrong sign', () => {
    expect(judged(0, { effect: effect(31) })).toMatchObject({ cured: true, sign: false, close: false })
  })
})

test('what was done as well has a score of its own, and the last word', () => {
  const next = treatment({ startedAt: T0 + 26_000, actedAt: T0 + 26_000, title: 'end session 10' })
  const judgedTwo = judged(0, { next })
  expect(judgedTwo.next).toMatchObject({ title: 'end session 10', cured: true })
  const trial = { scenario: 'two', engine: 'postgres', treatment: judgedTwo } as TrialScore
  expect(cureRates([trial]).cured).toMatchObject({ hits: 1, of: 1 })
  expect(cureTable([trial]).filter(line => line.startsWith('| two '))).toHaveLength(2)
})

test('a remedy that does not help is no cure', () => {
  expect(judged(30)).toMatchObject({ cured: false, sign: false, failures: { measured: 1 } })
})

describe('a useless one that was forced', () => {
  const forced = { forced: true, takenBackAt: T0 + 30_000, effect: effect(32) }

  test('is refused as advice, and shown not to help', () => {
    expect(judged(30, forced)).toMatchObject({ refused: true, shown: true, sign: true })
  })

  test('is not refused when it is advised, nor shown when it helped or stayed', () => {
    expect(judged(30, forced, plan([{ remedy: 'end-session' }]))).toMatchObject({ refused: false })
    expect(judged(0, forced)).toMatchObject({ shown: false })
    const { takenBackAt: _, ...stayed } = forced
    expect(judged(30, stayed)).toMatchObject({ shown: false })
  })
})

test('rates and table tell the advised from the forced and from what was only told', () => {
  const trial = (scenario: string, one: TrialScore['treatment']): TrialScore => ({
    ...{ scenario, engine: 'postgres', seed: 1, intensity: 1, serverVersion: '18', truth: 'x', said: 'x' },
    ...{ findings: [], top1: true, top2: true, falseAlarm: false, ...(one && { treatment: one }) },
  })
  const trials = [
    trial('cured', judged(0)),
    trial('not-cured', judged(30)),
    trial('useless', judged(30, { forced: true, takenBackAt: T0 + 30_000, effect: effect(32) })),
    trial('told', { told: 'no remedy is advised' }),
    trial('untreated', undefined),
  ]
  expect(cureRates(trials)).toMatchObject({
    sign: { hits: 2, of: 3 },
    cured: { hits: 1, of: 2 },
    refused: { hits: 1, of: 1 },
    shown: { hits: 1, of: 1 },
    told: 1,
  })
  expect(cureTable(trials).filter(line => /^\| (?:cured|not-cured|useless|told) /.test(line))).toHaveLength(4)
  expect(cureTable([trial('untreated', undefined)])).toEqual([])
})
