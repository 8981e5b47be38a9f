import { expect, test } from 'vitest'
import { formatTime, parseTime } from './time.ts'

test.each([0, 1, 951_782_400_000, 1_767_225_600_123, -1])('%d ms survives the way to disk and back', t => {
  expect(parseTime(formatTime(t))).toBe(t)
})

test('seconds without a fraction are whole', () => {
  expect(parseTime('1970-01-01T00:00:02Z')).toBe(2000)
})

test.each([
  '',
  '2026-02-30T00:00:00.000Z',
  '2026-13-01T00:00:00.000Z',
  '2026-01-01T24:00:00.000Z',
  '2026-01-01T00:00:60.000Z',
  '2026-01-01T00:00:00.000+01:00',
  '2026-01-01T00:00:00.000',
  '2026-01-01',
  '1767225600000',
  ' 2026-01-01T00:00:00.000Z',
])('%j is no time', text => {
  expect(parseTime(text)).toBeUndefined()
})
