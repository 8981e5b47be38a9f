// Holds one value of JSON against its schema, and times against the clock of the bundle.
import type { z } from 'zod'
import { invalid, locate, type Place, quote, unreadable } from './refusal.ts'
import { formatTime } from './time.ts'

/** Parses JSON out of bytes. Throws `bundle-unreadable`. */
export function parseJson(bytes: Uint8Array, place: Place): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    // The engine's message quotes the content raw; it stays in the cause.
    throw unreadable(locate(place), 'is not JSON', error)
  }
}

/** The value in the schema's type. Throws `bundle-invalid` with the path to the first field that is wrong. */
export function conform<T>(schema: z.ZodType<T>, value: unknown, place: Place): T {
  const result = schema.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = formatPath(issue?.path ?? [])
  throw invalid(path ? { ...place, path } : place, problemOf(issue))
}

/** Zod lists every value it knows, which is too long for a line. */
function problemOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code !== 'invalid_value') return issue?.message ?? 'does not conform'
  return typeof issue.input === 'string' ? `${quote(issue.input)} is no value known here` : 'is no text'
}

const formatPath = (path: PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    const name = String(key)
    if (!/^\w{1,40}$/.test(name)) return `${text}[${quote(name)}]`
    return text ? `${text}.${name}` : name
  }, '')

/** Where and in which order the times of a file may stand; half open, epoch milliseconds. */
export interface Span {
  from: number
  to: number
  /** Whether two lines may have the same time. */
  repeats: boolean
}

/** A check to call with each time of a file in turn. Throws `bundle-invalid`. */
export function timeline(span: Span): (t: number, place: Place) => void {
  let last = Number.NEGATIVE_INFINITY
  return (t, place) => {
    if (t < span.from || t >= span.to) throw invalid({ ...place, path: 't' }, `${formatTime(t)} is outside`)
    if (t < last || (t === last && !span.repeats))
      throw invalid({ ...place, path: 't' }, `${formatTime(t)} is out of order`)
    last = t
  }
}
