// csvlog: fields may hold line ends, so that a record is a number of lines.
// https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-CSVLOG
import { type Entry, type Format, whoOf } from './entry.ts'

/** Time, user, database, process, client, session: no text of a client can come before these. */
export const CSV_START =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [\w+:-]+,(?:"(?:[^"]|"")*")?,(?:"(?:[^"]|"")*")?,\d*,(?:"[^"]*")?,[0-9a-f]+\.[0-9a-f]+,/

const [TIME, USER, DATABASE, SESSION, CLIENT, SEVERITY, CODE, MESSAGE, LOCATION, APPLICATION] = [
  0, 1, 2, 3, 4, 11, 12, 13, 21, 22,
]
/** What is kept of one record, in characters. */
const MAX_RECORD = 65_536
/** A record longer than this, in characters, is no record: a quote was lost. */
const MAX_SPAN = 16_000_000

export const csvFormat = (): Format => {
  let record: { text: string; span: number; open: boolean } | undefined
  return {
    name: 'csvlog',
    read(text, quotesLost) {
      // A file can begin in the middle of a record: the first whole one is waited for.
      if (!record && !CSV_START.test(text)) return undefined
      const before = record ?? { text: '', span: 0, open: false }
      const isFull = before.text.length >= MAX_RECORD
      record = {
        text: isFull
          ? before.text
          : `${before.text}${before.span === 0 ? '' : '\n'}${text}`.slice(0, MAX_RECORD),
        span: before.span + text.length + 1,
        open: before.open !== (quotes(text) + quotesLost) % 2 > 0,
      }
      if (record.open && record.span < MAX_SPAN) return undefined
      const entry = record.open ? undefined : entryOf(fieldsOf(record.text))
      record = undefined
      return entry
    },
    restart() {
      record = undefined
    },
  }
}

const quotes = (text: string): number => {
  let count = 0
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count++
  return count
}

const fieldsOf = (record: string): string[] => {
  const field = /(?:"((?:[^"]|"")*)"?|([^,]*))(?:,|$)/gsy
  const fields: string[] = []
  for (const [whole, quoted, bare] of record.matchAll(field)) {
    fields.push(quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'))
    if (!whole.endsWith(',') || fields.length > APPLICATION) break
  }
  return fields
}

const entryOf = (fields: string[]): Entry | undefined => {
  if (fields.length <= MESSAGE) return undefined
  const routine = /^\w+(?=, )/.exec(fields[LOCATION] ?? '')?.[0]
  return {
    time: fields[TIME]!,
    severity: fields[SEVERITY]!,
    code: fields[CODE]!,
    message: fields[MESSAGE]!,
    session: fields[SESSION]!,
    ...(routine !== undefined && { routine }),
    ...whoOf({
      user: fields[USER],
      database: fields[DATABASE],
      application: fields[APPLICATION],
      host: fields[CLIENT]?.replace(/:\d+$/, ''),
    }),
  }
}
