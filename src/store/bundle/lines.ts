// NDJSON: one value with a time a line.
import type { z } from 'zod'
import { conform, parseJson, type Span, timeline } from './check.ts'
import { type FileName, MAX_LINE_BYTES } from './files.ts'
import { hostile, locate } from './refusal.ts'
import { formatTime } from './time.ts'

/** The values of a file, in its order. Throws `bundle-unreadable`, `bundle-invalid`, `bundle-hostile`. */
export function parseLines<T extends { t: number }>(
  bytes: Buffer,
  file: FileName,
  schema: z.ZodType<T>,
  span: Span,
): T[] {
  const values: T[] = []
  const checkTime = timeline(span)
  for (let start = 0, line = 1; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start)
    const end = newline < 0 ? bytes.length : newline
    const place = { file, line }
    if (end - start > MAX_LINE_BYTES) throw hostile(locate(place), `has more than ${MAX_LINE_BYTES} bytes`)
    if (end > start) {
      const value = conform(schema, parseJson(bytes.subarray(start, end), place), place)
      checkTime(value.t, place)
      values.push(value)
    }
    start = end + 1
  }
  return values
}

/** One line a value, sorted by time: what was observed side by side may have come in another order. */
export const formatLines = (values: readonly { t: number }[]): Buffer =>
  Buffer.concat(
    values
      .toSorted((a, b) => a.t - b.t)
      .map(value => Buffer.from(`${JSON.stringify({ ...value, t: formatTime(value.t) })}\n`)),
  )
