// Numbers and times in words. Times are UTC; a value that is no number reads as a dash, never as zero.

const DASH = '–'

/** `05:50:12`. */
export const clock = (ms: number): string => iso(ms)?.slice(11, 19) ?? DASH

/** `2025-11-23 05:50:12 UTC`. */
export const moment = (ms: number): string => {
  const text = iso(ms)
  return text === undefined ? DASH : `${text.slice(0, 10)} ${text.slice(11, 19)} UTC`
}

/** ISO 8601 of epoch milliseconds; undefined outside the range of a date. */
const iso = (ms: number): string | undefined =>
  Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : undefined

/** Milliseconds in the two largest units that matter: `3.4 ms`, `7.2 s`, `6 min 12 s`, `3 d 4 h`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return DASH
  if (Math.abs(ms) < 999.5) return `${amount(ms)} ms`
  if (Math.abs(ms) < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const s = Math.round(ms / 1000)
  if (s < 60) return `${s} s`
  if (s < 3600) return pair(s, 60, 'min', 's')
  if (s < 86_400) return pair(Math.round(s / 60), 60, 'h', 'min')
  return pair(Math.round(s / 3600), 24, 'd', 'h')
}

function pair(small: number, size: number, bigUnit: string, smallUnit: string): string {
  const rest = small % size
  return `${Math.floor(small / size)} ${bigUnit}${rest === 0 ? '' : ` ${rest} ${smallUnit}`}`
}

/** A gauge such as AAS: one decimal below a hundred, none above, and never a zero that is none. */
export function amount(n: number): string {
  if (!Number.isFinite(n)) return DASH
  if (n !== 0 && Math.abs(n) < 0.05) return n < 0 ? '> -0.1' : '< 0.1'
  return String(Math.abs(n) < 99.95 ? Number(n.toFixed(1)) : Math.round(n))
}

/** A fraction of 0 to 1; what is nearly nothing or nearly all does not read as nothing or all. */
export function percent(fraction: number): string {
  if (!Number.isFinite(fraction)) return DASH
  if (fraction > 0 && fraction < 0.005) return '< 1 %'
  if (fraction < 1 && fraction >= 0.995) return '> 99 %'
  return `${Math.round(fraction * 100)} %`
}

/** A confidence of 0 to 1 in words. */
export function confidence(p: number): string {
  if (p >= 0.9) return 'almost certain'
  if (p >= 0.7) return 'likely'
  return p >= 0.5 ? 'more likely than not' : 'possible'
}

/** `1 session`, `3 sessions`. */
export const count = (n: number, noun: string): string => `${amount(n)} ${noun}${n === 1 ? '' : 's'}`

/** The parts that are there, with a middle dot between them. */
export const dotted = (...parts: (string | false | undefined)[]): string =>
  parts.filter(part => part !== undefined && part !== false && part !== '').join(' · ')
