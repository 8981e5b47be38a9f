import { expect, test } from 'vitest'
import { evidence, session, T0, times } from '../../test/kit/evidence.ts'
import { statementLoads } from './statements.ts'

const sampled = () =>
  evidence(21, second => ({
    sessions: times(second % 2 === 0 ? 3 : 1, i =>
      session(`${i}`, { statementId: i === 0 ? '7' : '-8', statement: i === 0 ? 'select a' : 'select b' }),
    ),
  }))

test('by samples where nobody counts', () => {
  const { source, seconds, statements } = statementLoads(sampled())
  expect({ source, seconds }).toEqual({ source: 'samples', seconds: 21 })
  expect(statements.map(({ statementId, statement }) => [statementId, statement])).toEqual([
    ['-8', 'select b'],
    ['7', 'select a'],
  ])
  expect(statements[0]!.aas).toBeCloseTo(22 / 21, 9)
  expect(statements.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9)
})

test('by counts where the server does: calls × time, over the time they were counted in', () => {
  const counted = {
    ...sampled(),
    statements: [
      { t: T0 + 10_000, statementId: '7', calls: 100, totalMs: 30_000, rows: 100, blocksRead: 0 },
      { t: T0 + 20_000, statementId: '7', calls: 100, totalMs: 10_000, rows: 300, blocksRead: 0 },
      { t: T0 + 20_000, statementId: '9', calls: 1, totalMs: 10_000, statement: 'select c' },
    ],
  }
  expect(statementLoads(counted)).toEqual({
    source: 'counts',
    seconds: 20,
    statements: [
      {
        statementId: '7',
        statement: 'select a',
        aas: 2,
        share: 0.8,
        callsPerS: 10,
        msPerCall: 200,
        rowsPerCall: 2,
      },
      { statementId: '9', statement: 'select c', aas: 0.5, share: 0.2, callsPerS: 0.05, msPerCall: 10_000 },
    ],
  })
})

test('nothing seen is no statement', () => {
  expect(statementLoads(evidence(0, () => ({})))).toEqual({ source: 'samples', seconds: 0, statements: [] })
})
