// `log_line_prefix` as a pattern, given or found out.
// https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-LOG-LINE-PREFIX

/** Prefixes in use, by whom. With as many lines matched the later one wins: it tells more. */
const KNOWN = [
  '%m ',
  '%t ',
  '%m [%p] ', // the server's own default
  '%t [%p] ',
  '%t [%p]: ',
  '%t [%p]: [%l-1] ',
  '%m [%p] %e ',
  '%m [%p]: [%l-1] db=%d,user=%u ', // Cloud SQL
  '%t-%c-', // Azure
  '%t [%p]: [%l-1] user=%u,db=%d ',
  '%t [%p]: user=%u,db=%d,app=%a,client=%h ', // pgBadger
  '%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ',
  '%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ',
  '%m [%p] %u@%d ',
  '%m [%p] %q%u@%d ', // Debian
  '%m [%p] %q%u@%d/%a ',
  '%m [%p] %r %u@%d ',
  '%t:%r:%u@%d:[%p]:', // RDS and Aurora
  '%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a',
  '%t:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a',
  '%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:', // RDS with more of it
  '%t:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:',
]

const TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`
const ZONE = String.raw`(?:[A-Za-z]+|[+-]\d\d(?::?\d\d)?)`
// Bounded, so that no name made for it makes matching slow.
const NAME = '.{0,64}?'

/** What each escape writes; a named group is taken over. */
const ESCAPES: Record<string, string> = {
  a: `(?<application>${NAME})`,
  u: `(?<user>${NAME})`,
  // Users are called me@example.com more often than databases are: the last @ ends the user.
  d: '(?<database>[^@]{0,64}?)',
  r: String.raw`(?<host>\[local\]|[^\s()]{1,255}(?=\(\d+\))|)(?:\(\d+\))?`,
  h: String.raw`(?<host>\[local\]|[^\s()]{0,255}?)`,
  t: `(?<time>${TIME} ${ZONE})`,
  m: String.raw`(?<time>${TIME}\.\d{3} ${ZONE})`,
  n: String.raw`(?<time>\d{9,11}\.\d{3})`,
  e: '(?<code>[0-9A-Z]{5})',
  s: `${TIME} ${ZONE}`,
  p: String.raw`(?<session>\d*)`,
  P: String.raw`\d*`,
  l: String.raw`\d*`,
  c: '[0-9a-f]+\\.[0-9a-f]+',
  v: String.raw`(?:-?\d+/\d+)?`,
  x: String.raw`\d*`,
  Q: String.raw`-?\d*`,
  b: NAME,
  i: NAME,
  L: String.raw`\S{0,255}?`,
}

/** Matches a line that begins an entry: the groups of the prefix, then `severity` and `message`. */
export const prefixPattern = (prefix: string): RegExp => {
  let [pattern, isOptional] = ['', false]
  const seen = new Set<string>()
  for (const [, width = '', letter, plain = ''] of prefix.matchAll(/%(-?\d*)([a-zA-Z%])|([^%]|%)/gs)) {
    if (letter === 'q') {
      // Ends here for processes without a session.
      pattern += isOptional ? '' : '(?:'
      isOptional = true
    } else if (letter === '%') pattern += '%'
    else if (letter === undefined) pattern += literal(plain)
    else pattern += padded(once(ESCAPES[letter] ?? '', seen), width)
  }
  return new RegExp(`^${pattern}${isOptional ? ')?' : ''}${SEVERITY}`, 'u')
}

/** In any language: one or two words, a colon, two blanks. */
const SEVERITY = String.raw`(?<severity>[\p{L}\p{M}][\p{L}\p{M}\d]{0,30}):  (?<message>.*)`

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)

const padded = (pattern: string, width: string): string => (width === '' ? pattern : ` *${pattern} *`)

/** A group can be named only once: what comes again is matched and not taken over. */
const once = (pattern: string, seen: Set<string>): string =>
  pattern.replace(/\(\?<(\w+)>/, (group, name: string) => {
    if (seen.has(name)) return '(?:'
    seen.add(name)
    return group
  })

/** The pattern that fits most of the lines; undefined when none fits any. */
export const findPrefix = (lines: readonly string[]): RegExp | undefined => {
  let best: { pattern: RegExp; fits: number } | undefined
  for (const prefix of KNOWN) {
    const pattern = prefixPattern(prefix)
    const fits = lines.filter(line => pattern.test(line)).length
    if (fits > 0 && fits >= (best?.fits ?? 0)) best = { pattern, fits }
  }
  return best?.pattern
}
