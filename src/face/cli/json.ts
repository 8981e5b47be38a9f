// Values as JSON for people's scripts: times as ISO 8601 UTC, everything else as it is.

const TIMES = [
  't',
  'from',
  'to',
  'onset',
  'generatedAt',
  'createdAt',
  'startedAt',
  'actedAt',
  'recoveredAt',
  'firstFailure',
]

export const json = (value: unknown, indent?: number): string =>
  JSON.stringify(
    value,
    (key, part) => (typeof part === 'number' && TIMES.includes(key) ? new Date(part).toISOString() : part),
    indent,
  )
