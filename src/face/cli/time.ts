// Points in time as people type them.
import { AppError } from '../../model/index.ts'

const AGO = /^(\d+(?:\.\d+)?)\s*(s|m|min|h|d)(?:\s+ago)?$/
const SECONDS: Record<string, number> = { s: 1, m: 60, min: 60, h: 3_600, d: 86_400 }
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/
const DAY_MS = 86_400_000

/**
 * Epoch milliseconds of `14:00` (by the clock of this machine, the latest such time), `2026-01-31T14:00Z`, `2h` (ago) or `now`.
 * Throws AppError `option-invalid`.
 */
export function pointInTime(text: string, now = Date.now()): number {
  const t = parse(text.trim(), now)
  if (!Number.isNaN(t) && t <= now + DAY_MS) return t
  throw new AppError(
    'option-invalid',
    `${JSON.stringify(text)} is no time that is over`,
    'Give something like 14:00, 2h (ago), now or 2026-01-31T14:00Z.',
  )
}

function parse(text: string, now: number): number {
  if (text === 'now') return now
  const [, amount, unit] = AGO.exec(text) ?? []
  if (amount !== undefined) return now - Number(amount) * SECONDS[unit!]! * 1_000
  const [, h, m, s = '0'] = CLOCK.exec(text) ?? []
  if (h === undefined) return /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number(h) > 23 || Number(m) > 59 || Number(s) > 59) return Number.NaN
  const today = new Date(now).setHours(Number(h), Number(m), Number(s), 0)
  // Yesterday, across a change of clocks too.
  return today <= now ? today : new Date(today).setDate(new Date(today).getDate() - 1)
}
