// Durations and numbers as people type them.
import { AppError } from '../../model/index.ts'

const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600 }

/** `15s`, `2m`, `1h`, or a bare number of seconds. Whole seconds, one to an hour: as long as a watch is kept. */
export function seconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)?$/.exec(text.trim())
  const value = match ? Math.round(Number(match[1]) * UNITS[match[2] ?? 's']!) : Number.NaN
  if (!(value >= 1 && value <= 3_600)) {
    throw new AppError(
      'option-invalid',
      `${JSON.stringify(text)} is not a duration`,
      'Give something like 15s, 2m or 1h: from one second to an hour.',
    )
  }
  return value
}

/** A whole number within bounds. */
export function count(name: string, least: number, most: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw new AppError(
      'option-invalid',
      `${name}: ${JSON.stringify(text)} is not a whole number from ${least} to ${most}`,
      `Example: ${name} ${least}`,
    )
  }
}

/** Any number within bounds. */
export function number(name: string, least: number, most: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (text.trim() !== '' && value >= least && value <= most) return value
    throw new AppError(
      'option-invalid',
      `${name}: ${JSON.stringify(text)} is not a number from ${least} to ${most}`,
      `Example: ${name} ${least}`,
    )
  }
}

/** Several of them with commas between. */
export const list =
  <T>(one: (text: string) => T) =>
  (text: string): T[] =>
    text.split(',').map(one)
