import { expect, test } from 'vitest'
import { diagnosis } from '../../test/kit/diagnosis.ts'
import { type EvidenceSpec, evidence, idle, session, type TickSpec, times } from '../../test/kit/evidence.ts'
import { headroom, loadFactor } from './headroom.ts'
import { predict } from './predict.ts'
import { scene } from './situation.ts'

const peaceful = (tick: TickSpec, spec: EvidenceSpec = {}) => {
  const given = evidence(30, () => tick, spec)
  const { incident: _, ...healthy } = diagnosis(given, 0, [], { outcome: 'healthy' })
  return scene(given, healthy)
}

test('CPU runs out at the factor at which all vCPUs are at work', () => {
  const s = peaceful({ sessions: [session('1')], idle: [idle(10)], signals: { commits_per_s: 50 } })
  const { factor, limit, requestsPerS, low, high } = headroom(s)
  // One session on two vCPUs is 0.83 of work: two vCPUs less five per cent are 2.3 times that.
  expect(factor).toBeCloseTo(1.9 / 0.8284, 1)
  expect(limit).toBe('cpu')
  expect(requestsPerS).toBeCloseTo(50 * factor!, 6)
  expect(low).toBeLessThanOrEqual(factor!)
  expect(high).toBeGreaterThanOrEqual(factor!)
})

test('slots run out first where much of the load only waits', () => {
  const waits = times(10, i => session(`${i}`, { waitClass: 'Client' }))
  const { factor, limit } = headroom(peaceful({ sessions: waits, idle: [idle(5)] }))
  // 16 of 37 are taken; beyond the five idle ones each tenth of the load is a slot: 26 more of ten.
  expect(limit).toBe('slots')
  expect(factor).toBeCloseTo(3.6, 1)
})

test('a role at its limit breaks before the server', () => {
  const tick = { sessions: times(4, i => session(`${i}`, { waitClass: 'Client' })), idle: [idle(2)] }
  const { factor, limit } = headroom(peaceful(tick, { roleLimits: { web: 10 } }))
  expect(limit).toBe('role')
  expect(factor).toBeCloseTo(2.5, 1)
})

test('right below the factor it holds, and right above it does not', () => {
  const s = peaceful({ sessions: times(3, i => session(`${i}`)), idle: [idle(10)] }, { vcpus: 8 })
  const { factor } = headroom(s)
  expect(predict(s, { requests: 0.99 * factor! }).saturated).toBe(false)
  expect(predict(s, { requests: 1.01 * factor! }).saturated).toBe(true)
})

test('nothing at work never breaks, and what was asked is answered', () => {
  const { factor, asked, searched } = headroom(peaceful({ idle: [idle(3)] }), 5)
  expect([factor, asked?.factor]).toEqual([undefined, 5])
  expect(searched).toBeGreaterThan(5)
})

test.each([
  ['1.5', 1.5],
  ['x1.5', 1.5],
  ['×1.5', 1.5],
  ['150%', 1.5],
  ['2', 2],
])('%s is a load factor', (text, factor) => {
  expect(loadFactor(text)).toBe(factor)
})

test.each(['', 'x', '-1', '0', '1e400', 'NaN', '1.5.5', '1,5'])('%j is none', text => {
  expect(() => loadFactor(text)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
})
