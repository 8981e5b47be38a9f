import { expect, test } from 'vitest'
import { failureCode, trafficCounter } from './traffic.ts'

const POOL = { total: 3, idle: 1, waiting: 0 }

test('quantiles are of the last second only, totals of all time', () => {
  const counter = trafficCounter('web')
  for (let i = 1; i <= 50; i++) counter.answered(0, 1000)
  for (let i = 1; i <= 100; i++) counter.answered(2000 + i, i)
  const traffic = counter.read(2500, POOL)
  expect(traffic.ok).toBe(150)
  expect([traffic.latencyP50Ms, traffic.latencyP95Ms]).toEqual([50, 95])
})

test('without an answer there is no latency', () => {
  const counter = trafficCounter('web')
  counter.answered(0, 5)
  expect(counter.read(1000, POOL)).not.toHaveProperty('latencyP50Ms')
})

test('failures are counted by code and a reading does not change afterwards', () => {
  const counter = trafficCounter('web')
  counter.failed('53300')
  const before = counter.read(0, POOL)
  counter.failed('53300')
  counter.failed('shed')
  expect(before).toMatchObject({ failed: 1, failedByCode: { 53300: 1 } })
  expect(counter.read(0, POOL)).toMatchObject({ failed: 3, failedByCode: { 53300: 2, shed: 1 } })
})

test('codes come before texts', () => {
  expect(failureCode(Object.assign(new Error('timeout'), { code: '53300' }))).toBe('53300')
  expect(failureCode(new Error('timeout exceeded when trying to connect'))).toBe('pool-timeout')
  expect(failureCode(new Error('Connection terminated unexpectedly'))).toBe('connection-lost')
})
