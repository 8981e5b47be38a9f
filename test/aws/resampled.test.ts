// What the lab takes for the view of AWS is what comes back through the APIs: signal by signal, minute by minute.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gather, rdsTarget } from '../../src/aws/index.ts'
import { CLOUD_READERS } from '../../src/engines.ts'
import { resampled } from '../../src/lab/index.ts'
import type { Evidence, Signal } from '../../src/model/index.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import { instance, moved, world } from '../kit/aws/world.ts'
import { evidence, session } from '../kit/evidence.ts'

const MINUTE = 60_000
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE

/** Five minutes of calm, five of a queue; a sample every two seconds, as somebody with a probe would have it. */
const watched = moved(
  evidence(600, second => {
    if (second % 2 === 1 || (second >= 240 && second < 300)) return { gap: true }
    const waiting = second < 300 ? 0 : second % 13
    const of = { host: '10.0.0.1' }
    return {
      sessions: [
        session('1', of),
        session('2', { ...of, state: 'idle in transaction' }),
        ...Array.from({ length: waiting }, (_, i) => session(`${i + 3}`, { ...of, waitClass: 'Lock' })),
      ],
      idle: [{ application: 'web', count: 4, oldestStateAgeMs: 10 }],
      signals: {
        cpu_pct: second % 9,
        commits_per_s: 50 - waiting,
        log_fsyncs_per_s: 3,
        log_bytes_per_s: second,
        pages_flushed_per_s: 9,
        statements_per_s: 80,
        max_connections: 40,
      },
    }
  }),
  NOW,
)
/** More statements than are listed, and those that are called most are not the busiest. */
const statements = Array.from({ length: 400 }, (_, i) => ({
  t: watched.from + (i % 20) * 30_000,
  statementId: `${i % 16}`,
  statement: `select ${i % 16}`,
  calls: 1 + (i % 16),
  totalMs: 100 * (1 + ((i % 16) ^ 5)),
}))
const incident: Evidence = { ...watched, statements }

let fake: Fake
let seen: Evidence
beforeAll(async () => {
  fake = await fakeAws(
    world({
      instances: [instance('orders')],
      parameters: { pg16: { max_connections: '40' } },
      incidents: { orders: incident },
    }),
  )
  Object.assign(process.env, fake.env)
  const asked = { now: NOW, env: {}, since: incident.from, readers: CLOUD_READERS, leadMs: 0 }
  seen = (await gather(rdsTarget('rds:orders@eu-west-1'), asked)).evidence
})
afterAll(() => fake.close())

describe('resampled is what AWS shows', () => {
  /** The fake's version has no such counter; ceilings come from the parameter group. */
  const APART: readonly Signal[] = ['connections_idle', 'usable_slots']

  test('in every signal of every minute', () => {
    const { ticks } = resampled(incident)
    const known = ({ signals }: Evidence['ticks'][number]) =>
      Object.fromEntries(
        Object.entries(signals)
          .filter(([name]) => !APART.includes(name as Signal))
          .map(([name, value]) => [name, expect.closeTo(value, 6)]),
      )
    expect(ticks).toHaveLength(10)
    expect(ticks.filter(({ signals }) => Object.keys(signals).length === 0)).toHaveLength(1)
    const without = ({ t, signals }: Evidence['ticks'][number]) => ({
      t,
      signals: Object.fromEntries(
        Object.entries(signals).filter(([name]) => !APART.includes(name as Signal)),
      ),
    })
    expect(seen.ticks.map(without)).toEqual(ticks.map(tick => ({ t: tick.t, signals: known(tick) })))
  })

  test('and in the statements it lists', () => {
    const shown = resampled(incident).statements
    expect(new Set(shown.map(({ statementId }) => statementId)).size).toBe(10)
    const ids = (all: Evidence['statements']) => all.map(({ t, statementId }) => `${t} ${statementId}`).sort()
    expect(ids(seen.statements)).toEqual(ids(shown))
  })
})

test('what only a login would see is gone', () => {
  const shown = resampled({ ...incident, failures: [failure('log'), failure('pooler')] })
  expect(shown.probes).toEqual([])
  expect(shown.ticks.some(({ sessions, idle }) => sessions ?? idle)).toBe(false)
  expect(shown.ticks.some(({ signals }) => signals.log_fsyncs_per_s !== undefined)).toBe(false)
  expect(shown.failures.map(({ source }) => source)).toEqual(['log'])
})

const failure = (source: 'log' | 'pooler') => ({
  t: incident.from + 61_234,
  source,
  failure: 'slots-exhausted' as const,
  count: 1,
})

test('stretched, each sample is a minute of its own, and the rates stay', () => {
  const shown = resampled(incident, { stretch: 60 })
  expect(shown.ticks).toHaveLength(600)
  expect(shown.ticks[300]?.signals.commits_per_s).toBe(incident.ticks[300]?.signals.commits_per_s)
  expect(shown.to - shown.from).toBe(60 * (incident.to - incident.from))
})
