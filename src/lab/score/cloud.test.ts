// A recording judged by what AWS would have shown: what is given to the diagnosis, and what counts.
import { expect, test } from 'vitest'
import { diagnosis, finding } from '../../../test/kit/diagnosis.ts'
import { evidence, idle, refusedProbe, session, T0 } from '../../../test/kit/evidence.ts'
import type { Cause, Evidence } from '../../model/index.ts'
import type { Recording } from '../trial.ts'
import { scoreCloud } from './cloud.ts'
import { scoreOf } from './index.ts'
import { scorePage } from './page.ts'

const MINUTE = 60_000
const FAULT_AT = 10

const seen = evidence(30, second => ({
  sessions: [session('1', { statementId: 'q', statement: 'select ?' })],
  idle: [idle(4)],
  ...(second >= FAULT_AT ? { probe: refusedProbe } : {}),
}))

const recording = (scenario: string, cause: Cause | null): Recording => ({
  truth: {
    ...{ scenario, engine: 'postgres', seed: 1, intensity: 1, serverVersion: '18' },
    truth: cause && { cause, also: [] },
    ...(cause && { injection: { begunAt: T0 + FAULT_AT * 1000, t: T0 + FAULT_AT * 1000 } }),
  },
  evidence: { ...seen, events: [{ t: T0, source: 'pgbouncer', kind: 'queue', message: 'x' }] },
})

/** Says the cause where it is told when, and nothing else; keeps what it was given. */
const asked: Evidence[] = []
const judges = (cause: Cause | undefined, alarm?: Cause) => ({
  diagnose: (given: Evidence) => {
    asked.push(given)
    const said = given.window ? cause : alarm
    const findings = said ? [finding(said, [])] : []
    return diagnosis(given, FAULT_AT, findings, { outcome: said ? 'diagnosed' : 'healthy' })
  },
  plan: () => {
    throw new Error('nobody plans by what AWS shows')
  },
})

test('each second is a minute, without sessions, attempts and what others than AWS say', () => {
  asked.length = 0
  scoreCloud(recording('server-crash', 'server-restarting'), judges('server-restarting'))
  const [given] = asked as [Evidence]
  expect(given.ticks.map(({ t }) => t - given.from)).toEqual(seen.ticks.map((_, i) => i * MINUTE))
  expect(given.ticks.some(tick => tick.sessions ?? tick.idle)).toBe(false)
  expect(given.ticks[0]?.byStatement).toEqual([{ statementId: 'q', statement: 'select ?', aas: 1 }])
  expect(given.probes).toEqual([])
  // The server writes a line for everybody it refuses.
  expect(given.failures.map(({ source }) => source)).toEqual(Array.from({ length: 20 }, () => 'log'))
  expect(given.events.map(({ source, kind }) => `${source} ${kind}`)).toEqual([
    'rds recovery',
    'rds recovery',
  ])
  expect(given.window?.from).toBe(given.from + FAULT_AT * MINUTE)
})

test('of peace only what was before the fault is asked, and without a time', () => {
  asked.length = 0
  const { falseAlarm } = scoreCloud(recording('row-lock', 'lock-contention'), judges(undefined, 'load-surge'))
  expect(falseAlarm).toBe(true)
  expect(asked.map(({ window, ticks }) => [window !== undefined, ticks.length])).toEqual([
    [true, 30],
    [false, FAULT_AT],
  ])
})

test('what AWS cannot see is told apart, and does not count against the diagnosis', () => {
  const trials = [
    scoreCloud(recording('row-lock', 'lock-contention'), judges('lock-contention')),
    scoreCloud(recording('network-refused', 'network-unreachable'), judges(undefined)),
    scoreCloud(recording('healthy', null), judges(undefined)),
  ]
  const score = scoreOf([], trials)
  expect(score.cloud?.rates.top1).toMatchObject({ hits: 1, of: 1 })
  expect(score.cloud?.top1OfAll).toMatchObject({ hits: 1, of: 2 })
  expect(score.cloud?.rates.healthy).toMatchObject({ hits: 1, of: 1 })
  const page = scorePage(score, 'x')
  expect(page).toContain('network-unreachable')
  expect(scorePage(scoreOf([]), 'x')).not.toContain('AWS')
})
