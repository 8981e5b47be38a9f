// The plain text log: prefix, severity, message; lines that go on begin with a tab.
import { type Entry, type Format, whoOf } from './entry.ts'
import { findPrefix, prefixPattern } from './prefix.ts'

/** Of a line; prefix and message of what is looked for are shorter. */
const MAX_LENGTH = 2_000

/** A line that begins an entry whatever its prefix is: the last resort, after a prefix was changed for instance. */
const ANY =
  /^(?<before>[^\t].{0,400}?)\b(?<severity>DEBUG\d|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC): {2}(?<message>.*)/u
const TIME = /(?:^|\s)(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})? (?:[A-Za-z]+|[+-]\d\d(?::?\d\d)?))/
const PAIRS = { user: /user=([^ ,]*)/, database: /db=([^ ,]*)/, application: /app=([^ ,]*)/ }
const HOST = /(?:client|host)=([^ ,()]*)/

/** What only goes with the entry before it; it may hold anything. */
const PART = /^(?:DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION|BACKTRACE)$/

/** The given prefix, or the one that fits most of the sample; undefined when the sample is no such log. */
export const stderrFormat = (sample: readonly string[], prefix?: string): Format | undefined => {
  const pattern = prefix === undefined ? (findPrefix(sample) ?? ANY) : prefixPattern(prefix)
  if (!sample.some(line => pattern.test(line) || ANY.test(line))) return undefined
  return { name: 'stderr', read: text => entryOf(text, pattern), restart: () => undefined }
}

const entryOf = (text: string, pattern: RegExp): Entry | undefined => {
  if (text === '' || text.startsWith('\t')) return undefined
  const line = text.slice(0, MAX_LENGTH)
  const known = pattern === ANY ? undefined : pattern.exec(line)?.groups
  const groups = known ?? ANY.exec(line)?.groups
  if (!groups || PART.test(groups.severity!)) return undefined
  const { severity = '', session = '' } = groups
  // At `log_error_verbosity = verbose` the code comes before the message.
  const [, told = '', message = ''] = /^(?:([0-9A-Z]{5}): )?(.*)$/su.exec(groups.message ?? '') ?? []
  const what = { severity, message, code: groups.code ?? told, session }
  if (known) return { time: known.time ?? '', ...what, ...whoOf(named(known)) }
  const before = groups.before ?? ''
  return { time: TIME.exec(before)?.[1] ?? '', ...what, ...whoOf(pairs(before)) }
}

const named = ({ user, database, application, host }: Record<string, string | undefined>) => ({
  user,
  database,
  application,
  host,
})

const pairs = (text: string) => ({
  user: PAIRS.user.exec(text)?.[1],
  database: PAIRS.database.exec(text)?.[1],
  application: PAIRS.application.exec(text)?.[1],
  host: HOST.exec(text)?.[1],
})
