// Numbers and sessions in words.
import type { SessionSample } from '../model/index.ts'

export const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`

export const percent = (share: number): string => `${Math.round(share * 100)} %`

export const round1 = (value: number): string =>
  Math.abs(value) < 9.95 ? value.toFixed(1) : value.toFixed(0)

/** `6m12s`; below a minute with one decimal below ten seconds. */
export function age(ms: number): string {
  const s = ms / 1000
  if (s < 9.95) return `${s.toFixed(1)}s`
  if (s < 60) return `${Math.round(s)}s`
  const [h, m, rest] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60), Math.round(s % 60)]
  return h > 0 ? `${h}h${String(m).padStart(2, '0')}m` : `${m}m${String(rest).padStart(2, '0')}s`
}

/** `session 8123 (billing, idle in transaction 6m12s)`. */
export function session(sample: SessionSample): string {
  // Has no session of its own: its locks stay until somebody commits it or rolls it back.
  if (sample.id === 'prepared transaction') return 'a prepared transaction (see pg_prepared_xacts)'
  const who = sample.application || sample.user
  const since = sample.stateAgeMs === undefined ? '' : ` ${age(sample.stateAgeMs)}`
  const state = sample.state === 'unknown' ? '' : `${sample.state}${since}`
  const about = [who, state].filter(Boolean).join(', ')
  return `session ${sample.id}${about ? ` (${about})` : ''}`
}
