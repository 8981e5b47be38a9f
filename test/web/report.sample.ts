// One incident in all its parts, for the tests of the report: every field that evidence can fill is filled.

import type { ReportInput } from '../../src/face/report/index.ts'
import type { Plan, ProbeResult, Run, Timeline } from '../../src/model/index.ts'

const START = Date.UTC(2025, 10, 23, 2, 14, 3)
const at = (s: number): number => START + s * 1000

/** `seconds` of one tick each; a lock pile-up in the second third, a gap of two ticks in the middle. */
export function incident(seconds = 45): Required<ReportInput> {
  const plan = planOf()
  return {
    title: 'Incident',
    facts: [{ label: 'Fault to verdict', value: '10.9 s' }],
    diagnosis: diagnosisOf(seconds),
    timeline: timelineOf(seconds),
    plan,
    run: runOf(plan),
  }
}

function timelineOf(seconds: number): Timeline {
  const ticks = Array.from({ length: seconds }, (_, i) => i)
  const piled = (i: number) => i >= seconds / 3 && i < (2 * seconds) / 3
  const gap = (i: number) => i === Math.floor(seconds / 2) || i === Math.floor(seconds / 2) + 1
  const series = <N extends string>(name: N, value: (i: number) => number) => ({
    name,
    values: ticks.map(i => (gap(i) ? null : value(i))),
  })
  return {
    from: at(0),
    to: at(seconds),
    tickMs: 1000,
    t: ticks.map(at),
    vcpus: 2,
    aas: [series('CPU', i => i % 3), series('IO', i => i % 2), series('Lock', i => (piled(i) ? 30 : 0))],
    slots: [
      series('active', i => i % 3),
      series('waiting for a lock', i => (piled(i) ? 30 : 0)),
      series('idle', i => (piled(i) ? 2 : 11 + (i % 5))),
    ],
    usable: 37,
    max: 40,
    probes: ticks.map(i => probeOf(at(i), piled(i))),
    marks: [
      { t: at(seconds / 3), kind: 'fault', label: 'fault' },
      { t: at(seconds / 3) + 300, kind: 'onset', label: 'onset' },
      { t: at((2 * seconds) / 3), kind: 'recovered', label: 'recovered' },
    ],
  }
}

const probeOf = (t: number, fails: boolean): ProbeResult =>
  fails
    ? {
        t,
        ok: false,
        phase: 'authenticate',
        failure: 'slots-exhausted',
        native: { code: '53300', message: 'sorry, too many clients already' },
        phaseMs: { connect: 0.4, authenticate: 2 },
      }
    : { t, ok: true, phaseMs: { connect: 0.4, authenticate: 3 + (t % 7), query: 0.5 } }

function diagnosisOf(seconds: number): ReportInput['diagnosis'] {
  const session = {
    id: '8123',
    state: 'idle in transaction' as const,
    statementId: '-77',
    statement: 'update stock set reserved = reserved + $1 where sku = $2',
    user: 'billing',
    application: 'billing',
    host: '127.0.0.1',
    database: 'shop',
    transactionAgeMs: 20_400,
    stateAgeMs: 20_350,
  }
  return {
    schema: 'spillway/diagnosis/v1',
    generatedAt: at(seconds),
    target: {
      name: 'orders',
      engine: 'postgres',
      engineVersion: '18.4',
      instanceClass: 'db.r6g.large',
      vcpus: 2,
    },
    from: at(0),
    to: at(seconds),
    outcome: 'diagnosed',
    verdict: ['All 37 usable slots are taken.', 'Session 8123 blocks 31 sessions.'],
    incident: { from: at(15), to: at(30), onset: at(15), ongoing: false },
    connect: {
      attempts: 45,
      failed: 15,
      byFailure: { 'slots-exhausted': 15 },
      firstFailure: at(15),
      p50Ms: 7,
    },
    load: { aas: 30, vcpus: 2, byWaitClass: { Lock: 30 }, ticks: 43, gaps: 2, cpuPct: 18 },
    slots: {
      usable: 37,
      max: 40,
      used: 37,
      peak: 37,
      clamped: true,
      byState: { active: 31 },
      timeToExhaustion: 'never',
    },
    blocking: [{ session, blocked: 31, depth: 3, lock: { kind: 'row', object: 'stock', exclusive: true } }],
    holders: [
      {
        user: 'web',
        application: 'web',
        host: '10.0.0.7',
        slots: 16,
        active: 16,
        idleInTransaction: 0,
        idle: 0,
        waiting: 15,
      },
    ],
    findings: [
      {
        cause: 'idle-in-transaction',
        kind: 'row',
        severity: 'critical',
        confidence: 0.97,
        share: { slots: 0.86, aas: 0.95, failures: 1 },
        onset: at(15),
        title: 'Session 8123 holds a row lock and does nothing',
        evidence: [
          { weight: 'for', text: '31 of 34 active sessions wait for it.' },
          { weight: 'against', text: 'Two wait for another lock.' },
          { weight: 'missing', text: 'What the client does meanwhile.' },
        ],
        subject: { session, object: 'stock' },
        remedies: ['end-session'],
      },
    ],
    ruledOut: [{ cause: 'load-surge', reason: 'Statements arrive as before.' }],
    skipped: [{ check: 'storage', reason: 'No signals of the host.' }],
  }
}

const planOf = (): Plan => ({
  schema: 'spillway/plan/v1',
  target: { name: 'orders', engine: 'postgres' },
  createdAt: at(20),
  advice: [
    {
      remedy: 'end-session',
      horizon: 'now',
      title: 'End session 8123',
      effect: {
        aas: { before: 30, after: 1.2 },
        slots: { before: 37, after: 14 },
        sessionsFreed: 31,
        slotsFreed: 23,
        connectsRecover: true,
        summary: 'Frees 31 sessions.',
      },
      cost: 'its transaction.',
      reversible: false,
      commands: ['select pg_terminate_backend(8123)'],
    },
  ],
  notAdvised: [{ remedy: 'scale-up', title: 'A larger instance', reason: 'The load waits for one lock.' }],
})

const runOf = (plan: Plan): Run => ({
  schema: 'spillway/run/v1',
  id: 'r1',
  advice: plan.advice[0]!,
  startedAt: at(29),
  actedAt: at(29.5),
  result: { done: true, status: 'done', message: 'the session ended' },
  recoveredAt: at(32),
  verified: true,
  irreversible: 'the transaction',
  comparison: [{ measure: 'aas', before: 30, predicted: 1.2, measured: 0.9 }],
})
