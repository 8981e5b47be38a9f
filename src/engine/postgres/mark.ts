// The mark by which Spillway's own statements are known, on the server and here.

export const MARK = '/* spillway */'

/**
 * With the mark that it begins with moved behind the first word: of what stands before it, PostgreSQL 18 keeps nothing in
 * pg_stat_statements.
 */
export const marked = (sql: string): string =>
  sql.startsWith(MARK) ? sql.slice(MARK.length).replace(/^\s*(\w+)/, `$1 ${MARK}`) : sql

const TEXTS = new Map<string, string>()

/** The text of that key, marked, made once: the driver keeps it for each connection, and there may be a thousand. */
export const sharedText = (key: string, make: () => string): string => {
  const known = TEXTS.get(key)
  if (known !== undefined) return known
  const text = marked(make())
  TEXTS.set(key, text)
  return text
}
