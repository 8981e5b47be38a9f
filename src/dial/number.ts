// What every notation of a target has: whole numbers within bounds, and one way to say that it does not parse.
import { AppError } from '../model/index.ts'

/** A whole number from `min` to `max`. Throws AppError `target-unparsable`. */
export const integer = (name: string, text: string, min: number, max: number): number => {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= min && value <= max) return value
  throw unparsable(
    `${name} is not a number from ${min} to ${max}`,
    `for instance ${name}=${Math.max(min, 10)}`,
  )
}

export const unparsable = (message: string, hint: string): AppError =>
  new AppError('target-unparsable', message, hint)
