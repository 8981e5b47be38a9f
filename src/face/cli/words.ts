// Numbers and names as the terminal shows them.
import type { ByWaitClass } from '../../model/index.ts'

const ENGINE_NAMES = { postgres: 'PostgreSQL', mysql: 'MySQL', mariadb: 'MariaDB', other: 'RDS' } as const

export const engineName = (engine: keyof typeof ENGINE_NAMES): string => ENGINE_NAMES[engine]

export const short = (value: number): string =>
  Math.abs(value) < 99.95 ? value.toFixed(1) : value.toFixed(0)

export const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`

/** `6m12s`, `8.4 s`. */
export function duration(value: number): string {
  const s = value / 1000
  if (s < 60) return `${s.toFixed(1)} s`
  if (s < 3600) return `${Math.floor(s / 60)}m${String(Math.floor(s % 60)).padStart(2, '0')}s`
  return `${Math.floor(s / 3600)}h${String(Math.floor((s % 3600) / 60)).padStart(2, '0')}m`
}

export const time = (t: number): string => `${new Date(t).toISOString().slice(11, 19)} UTC`

/** Wait classes, most load first, without those that hardly count. */
export function byLoad(load: ByWaitClass): [string, number][] {
  const total = Object.values(load).reduce((sum, value) => sum + value, 0)
  return Object.entries(load)
    .filter(([, value]) => value >= Math.max(0.05, total / 50))
    .sort((a, b) => b[1] - a[1])
}
