import { expect, test } from 'vitest'
import { timeOf } from './time.ts'

const NOON = Date.UTC(2026, 10, 23, 12)

test.each([
  ['2026-11-23 12:00:00 UTC', NOON],
  ['2026-11-23 12:00:00.250 UTC', NOON + 250],
  ['2026-11-23 13:00:00.000 CET', NOON],
  ['2026-11-23 07:00:00 EST', NOON],
  ['2026-11-23 09:00:00 -03', NOON],
  ['2026-11-23 17:30:00 +0530', NOON],
  ['2026-11-23 17:45:00 +05:45', NOON],
  ['1795435200.123', NOON + 123],
  ['2026-11-23 12:00:00 IST', undefined],
  ['2026-11-23T12:00:00Z', undefined],
  ['', undefined],
])('%s', (text, t) => {
  expect(timeOf(text)).toBe(t)
})
