import { expect, test } from 'vitest'
import { Names } from './names.ts'
import { type RawSession, type Scene, sampleOf } from './sample.ts'

const session = (id: number, changed: Partial<RawSession> = {}): RawSession => ({
  id,
  user: `user${id % 4}`,
  host: `10.0.0.${id % 3}:${10_000 + id}`,
  db: 'shop',
  command: 'Sleep',
  ms: id,
  isLocal: 0,
  state: null,
  info: null,
  ...changed,
})

const sceneOf = (changed: Partial<Scene>): Scene => ({
  sessions: [],
  statements: [],
  transactions: [],
  blocked: new Map(),
  names: new Names(),
  startedAt: '2026-01-01T00:00:00.000Z',
  idleMs: ({ ms }) => Number(ms),
  isUnused: () => undefined,
  ...changed,
})

test('5,000 sessions: the idle in groups, nobody lost', () => {
  const sessions = Array.from({ length: 5_000 }, (_, id) =>
    session(id, id % 100 === 0 ? { command: 'Query', info: `select ${id}`, state: 'executing' } : {}),
  )
  const { sessions: shown, idle } = sampleOf(sceneOf({ sessions }))
  expect(shown).toHaveLength(50)
  expect(new Set(shown.map(({ statementId }) => statementId)).size).toBe(1)
  expect(idle).toHaveLength(12)
  expect(idle.reduce((sum, { count }) => sum + count, 0)).toBe(4_950)
  expect(Math.max(...idle.map(({ oldestStateAgeMs }) => oldestStateAgeMs))).toBe(4_999)
})

test('of a call and the statements of its procedure the innermost is told', () => {
  const sessions = [session(1, { command: 'Query', info: 'call nap()', state: 'User sleep' })]
  const statements = [
    { id: 1, digest: 'inner', ms: '20.5', event: '12' },
    { id: 1, digest: 'call', ms: '900', event: '9' },
  ]
  const [shown] = sampleOf(sceneOf({ sessions, statements })).sessions
  expect(shown).toMatchObject({ statementId: 'inner', stateAgeMs: 20.5, waitClass: 'Timeout' })
})

test('an idle session with an open transaction is no idle one', () => {
  const transactions = [{ trx: '7', id: '2', waits: false, lockId: null, ms: 60_000, waitMs: 0 }]
  const { sessions, idle } = sampleOf(sceneOf({ sessions: [session(1), session(2)], transactions }))
  expect(sessions).toMatchObject([{ id: '2', state: 'idle in transaction', transactionAgeMs: 60_000 }])
  expect(idle).toMatchObject([{ count: 1 }])
})
