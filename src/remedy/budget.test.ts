import { expect, test } from 'vitest'
import { diagnosis, finding } from '../../test/kit/diagnosis.ts'
import { type EvidenceSpec, evidence, idle, session, type TickSpec, times } from '../../test/kit/evidence.ts'
import { forSeeds } from '../../test/kit/property.ts'
import { beyondSizes, poolBudget } from './budget.ts'
import { scene } from './situation.ts'

const budgetOf = (tickAt: (second: number) => TickSpec, seconds = 20, spec: EvidenceSpec = {}) => {
  const given = evidence(seconds, tickAt, spec)
  return poolBudget(scene(given, diagnosis(given, 10, [])))
}

test('sizes and spare add up to the usable slots, whatever was seen', () => {
  forSeeds(100, random => {
    const below = (n: number) => Math.floor(random() * n)
    const pools = times(1 + below(25), n => ({ busy: below(20), free: below(20), application: `app${n}` }))
    const max = 20 + below(280)
    const budget = budgetOf(
      () => ({
        sessions: pools.flatMap(({ busy, application }) =>
          times(busy, i => session(`${application}-${i}`, { application })),
        ),
        idle: pools.map(({ free, application }) => idle(free + 1, { application })),
      }),
      6,
      { maxConnections: max },
    )
    const most = Math.floor(0.85 * (max - 3))
    if (!budget) {
      expect(pools.length).toBeGreaterThan(most)
      return
    }
    const total = budget.pools.reduce((sum, { size }) => sum + size, 0)
    expect(total + budget.spare).toBe(budget.usable)
    expect(total).toBeLessThanOrEqual(most)
    expect(budget.pools.every(({ size }) => Number.isInteger(size) && size >= 1)).toBe(true)
    expect(budget.pools).toHaveLength(pools.length)
  })
})

test('no pool gets less than it used at once while there is room', () => {
  const budget = budgetOf(second => ({
    sessions: times(second % 5, i => session(`${i}`)),
    idle: [idle(10)],
  }))!
  expect(budget.pools[0]).toMatchObject({ held: 14, peak: 4 })
  expect(budget.pools[0]!.size).toBeGreaterThanOrEqual(4)
  expect(budget.pools[0]!.size).toBeLessThanOrEqual(6)
})

test('a server that does most with few at work gets few', () => {
  // Throughput rises to 8 at work and falls behind it: σ = 0, κ = 1/64.
  const budget = budgetOf(
    second => {
      const n = 1 + (second % 30)
      return {
        sessions: times(n, i => session(`${i}`)),
        idle: [idle(5)],
        signals: { commits_per_s: (100 * n) / (1 + (n * (n - 1)) / 64) },
      }
    },
    60,
    { maxConnections: 100 },
  )!
  expect(budget.bestConcurrency).toBeCloseTo(8, 1)
  expect(budget.pools[0]!.size).toBe(8)
})

test('who has no pool needs as many connections as it holds, idle or not; who has not logged in needs none', () => {
  const given = evidence(20, () => ({
    sessions: times(3, i => session(`${i}`, { state: 'starting', user: '?', application: '' })),
    idle: [idle(18, { user: 'edge', application: 'edge' }), idle(6, { user: 'web', application: 'web' })],
  }))
  const storm = finding('connection-storm', [], { subject: { user: 'edge' } })
  const sizes = poolBudget(scene(given, diagnosis(given, 10, [storm])))!.pools
  expect(sizes.map(({ user }) => user)).toEqual(['edge', 'web'])
  expect(sizes[0]).toMatchObject({ busy: 18, peak: 18, size: expect.toSatisfy((n: number) => n >= 18) })
  expect(sizes[1]).toMatchObject({ busy: 0, size: 2 })
})

test('a pool lets in as many at once as it has connections, and another pool is another matter', () => {
  const [tick] = evidence(1, () => ({
    sessions: [
      ...times(5, i => session(`a${i}`, { application: 'a' })),
      ...times(5, i => session(`b${i}`, { application: 'b' })),
      session('idle', { application: 'a', state: 'idle in transaction' }),
    ],
  })).ticks
  const { user = '?', host = '?' } = tick!.sessions![0]!
  const size = { user, host, application: 'a', held: 9, busy: 5, peak: 5, size: 3 }
  const waits = tick!.sessions!.filter(beyondSizes([size])(tick!))
  expect(waits.map(({ id }) => id)).toEqual(['a3', 'a4'])
})
