// Times: epoch milliseconds in memory, ISO 8601 UTC on disk.

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/

export const formatTime = (t: number): string => new Date(t).toISOString()

/** Epoch milliseconds, or undefined when the text is not a UTC time of the calendar. */
export function parseTime(text: string): number | undefined {
  if (!ISO.test(text)) return undefined
  const t = Date.parse(text)
  // Date.parse takes 30 February for 2 March; NaN equals nothing.
  return new Date(t).getUTCDate() === Number(text.slice(8, 10)) ? t : undefined
}
