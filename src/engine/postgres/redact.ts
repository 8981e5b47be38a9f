// Takes the literals out of statement text, whole or cut off anywhere, before the text leaves this folder.
import { createHash } from 'node:crypto'

/** Longest redacted statement, in characters. */
const MAX_LENGTH = 1_000

/**
 * The statement with every string, number and comment taken away, white space collapsed, lists of literals joined.
 * A lexer and no parser: `track_activity_query_size` cuts statements in the middle of anything.
 */
export const redact = (text: string): string => {
  let out = ''
  let at = 0
  while (at < text.length && out.length <= 2 * MAX_LENGTH) {
    const token = nextToken(text, at)
    out += token.out
    at = token.end
  }
  const flat = out
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .replace(/\?(?: ?, ?\?)+/g, '?, …')
    .trim()
    // The one statement whose value may be a bare word.
    .replace(/^(set (?:session |local )?[\w.]+ ?(?:=|to )).*/i, '$1 ?')
  return flat.length > MAX_LENGTH ? `${flat.slice(0, MAX_LENGTH - 1)}…` : flat
}

/** Names a statement where the server gives no id of its own. */
export const fingerprint = (redacted: string): string =>
  createHash('sha256').update(redacted).digest('hex').slice(0, 16)

/** Makes a name fit for a screen: anybody may call an application anything. */
export const plain = (name: string): string => name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�')

interface Token {
  out: string
  end: number
}

// Like the server's own lexer: every character beyond ASCII is part of a name.
const SPACE = /[ \t\r\n\f\v]+/y
const LINE_COMMENT = /--[^\r\n]*/y
// A prefix is part of the string. What has no end is a string all the same.
const ESCAPE_STRING = /[eE]'(?:[^'\\]|\\.|''|\\$)*(?:'|$)/sy
const PLAIN_STRING = /(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|$)/sy
const QUOTED_NAME = /(?:[uU]&)?"(?:[^"]|"")*(?:"|$)/sy
const WORD = /[A-Za-z_\u{80}-\u{10ffff}][\w$\u{80}-\u{10ffff}]*/uy
const PARAMETER = /\$\d+/y
const DOLLAR_TAG = /\$(?:[A-Za-z_\u{80}-\u{10ffff}][\w\u{80}-\u{10ffff}]*)?\$/uy
const NUMBER = /(?:\d|\.\d)(?:[eE][+-]|[\w.\u{80}-\u{10ffff}])*/uy

const nextToken = (text: string, at: number): Token => {
  const matched = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  const keep = (found: string | undefined): Token | undefined =>
    found === undefined ? undefined : { out: found, end: at + found.length }
  const hide = (found: string | undefined, out: string): Token | undefined =>
    found === undefined ? undefined : { out, end: at + found.length }

  if (text.startsWith('/*', at)) return { out: ' ', end: endOfComment(text, at) }
  return (
    hide(matched(SPACE), ' ') ??
    hide(matched(LINE_COMMENT), ' ') ??
    hide(matched(ESCAPE_STRING), '?') ??
    plainString(text, at, matched(PLAIN_STRING)) ??
    keep(matched(QUOTED_NAME)) ??
    keep(matched(WORD)) ??
    keep(matched(PARAMETER)) ??
    dollarString(text, at, matched(DOLLAR_TAG)) ??
    hide(matched(NUMBER), '?') ?? { out: text[at]!, end: at + 1 }
  )
}

/** Comments nest. */
const endOfComment = (text: string, at: number): number => {
  const mark = /\/\*|\*\//g
  mark.lastIndex = at
  let depth = 0
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
  return text.length
}

/**
 * Whether `\'` ends a plain string depends on `standard_conforming_strings` of that session, which nobody outside can
 * see: where the two readings differ, all that follows is taken away.
 */
const plainString = (text: string, at: number, found: string | undefined): Token | undefined => {
  if (found === undefined) return undefined
  const ambiguous = found.includes("\\'")
  return ambiguous ? { out: '? …', end: text.length } : { out: '?', end: at + found.length }
}

const dollarString = (text: string, at: number, tag: string | undefined): Token | undefined => {
  if (tag === undefined) return undefined
  const close = text.indexOf(tag, at + tag.length)
  return { out: '?', end: close < 0 ? text.length : close + tag.length }
}
