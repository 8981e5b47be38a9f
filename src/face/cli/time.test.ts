// What people type for a time, read on a Tuesday afternoon.
import { expect, test } from 'vitest'
import { pointInTime } from './time.ts'

const NOW = new Date(2026, 10, 24, 15, 30).getTime()

test.each([
  ['now', NOW],
  ['2h', NOW - 2 * 3_600_000],
  ['90 min ago', NOW - 90 * 60_000],
  ['3d', NOW - 3 * 86_400_000],
  ['14:00', new Date(2026, 10, 24, 14, 0).getTime()],
  ['16:00', new Date(2026, 10, 23, 16, 0).getTime()],
  ['9:05:30', new Date(2026, 10, 24, 9, 5, 30).getTime()],
  ['2026-11-20T08:00:00Z', Date.UTC(2026, 10, 20, 8)],
])('%s', (text, t) => {
  expect(pointInTime(text, NOW)).toBe(t)
})

test.each(['', 'yesterday', '25:00', '14:60', '2026-13-01', '2030-01-01T00:00:00Z', '5', '-2h'])(
  '%j is refused',
  text => {
    expect(() => pointInTime(text, NOW)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  },
)
