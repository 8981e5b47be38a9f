// jsonlog, since 15: one object a line. https://www.postgresql.org/docs/current/runtime-config-logging.html
import { type Entry, type Format, whoOf } from './entry.ts'

export const JSON_START = '{"timestamp":"'

export const jsonFormat = (): Format => ({ name: 'jsonlog', read: entryOf, restart: () => undefined })

/** A line that is cut is one of those with a long statement: it is no refused connection. */
const entryOf = (text: string): Entry | undefined => {
  if (!text.startsWith(JSON_START)) return undefined
  const line = parsed(text)
  if (!line) return undefined
  const field = (name: string): string | undefined => {
    const value = line[name]
    return typeof value === 'string' ? value : undefined
  }
  const routine = field('func_name')
  return {
    time: field('timestamp') ?? '',
    severity: field('error_severity') ?? '',
    code: field('state_code') ?? '',
    message: field('message') ?? '',
    session: typeof line.pid === 'number' ? String(line.pid) : '',
    ...(routine !== undefined && { routine }),
    ...whoOf({
      user: field('user'),
      database: field('dbname'),
      application: field('application_name'),
      host: field('remote_host'),
    }),
  }
}

const parsed = (text: string): Record<string, unknown> | undefined => {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}
