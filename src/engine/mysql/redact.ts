// Takes the literals out of statement text, whole or cut off anywhere, before the text leaves this folder.
// https://dev.mysql.com/doc/refman/en/literals.html
import { createHash } from 'node:crypto'

/** Longest redacted statement, in characters. */
const MAX_LENGTH = 1_000

/**
 * The statement with every string, number and comment taken away, white space collapsed, lists of literals joined. What
 * stands in double quotes is taken for a string: whether it is a name depends on `sql_mode` of that session.
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
    .replace(/\?(?: \?)+/g, '?') // adjacent strings are one
    .replace(/\?(?: ?, ?\?)+/g, '?, …')
    .replace(/\((?:\?(?:, …)?)\)(?: ?, ?\((?:\?(?:, …)?)\))+/g, '(?), …')
    .trim()
    // Statements whose values may be bare words, or whose words are secrets.
    .replace(/^(set (?:session |global |local |persist )?[\w.@]+ ?:?= ?).*/i, '$1?')
    .replace(/\b(identified (?:by|with \S+(?: by| as)?|via \S+(?: using| as)?)).*/i, '$1 ?')
  return flat.length > MAX_LENGTH ? `${flat.slice(0, MAX_LENGTH - 1)}…` : flat
}

/**
 * Names a statement where the server gives no id of its own while it runs. The same for the text of a DIGEST, which has other
 * spaces, quotes and cases, and other words for a list.
 */
export const fingerprint = (redacted: string): string =>
  createHash('sha256').update(canonical(redacted)).digest('hex').slice(0, 16)

const canonical = (redacted: string): string =>
  redacted.replaceAll('), …', ')').replaceAll('?, …', '...').replace(/[`\s]/g, '').toLowerCase()

/** Makes a name fit for a screen: anybody may call an application anything. */
export const plain = (name: string): string => name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�')

interface Token {
  out: string
  end: number
}

const SPACE = /[ \t\r\n\f\v]+/y
// Two dashes begin a comment only before a space or control character.
const LINE_COMMENT = /(?:#|--(?=[\s\p{Cc}]|$))[^\r\n]*/uy
// Comments do not nest. One with an exclamation mark is executed: its text is kept as code.
const EXECUTED = /\/\*M?!\d*/y
const COMMENT = /\/\*[\s\S]*?(?:\*\/|$)/y
const END_OF_COMMENT = /\*\//y
// A prefix is part of the string. What has no end is a string all the same.
const SINGLE = /(?:[nNbBxX]|_[a-z0-9]+ ?)?'(?:[^'\\]|\\.|''|\\$)*(?:'|$)/sy
const DOUBLE = /(?:_[a-z0-9]+ ?)?"(?:[^"\\]|\\.|""|\\$)*(?:"|$)/sy
const QUOTED_NAME = /`(?:[^`]|``)*(?:`|$)/y
const NUMBER = /(?:0x[0-9a-fA-F]+|0b[01]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w$\u{80}-\u{10ffff}])/uy
// A name may begin with a digit.
const WORD = /@{0,2}[\w$\u{80}-\u{10ffff}]+/uy

const nextToken = (text: string, at: number): Token => {
  const matched = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  const keep = (found: string | undefined): Token | undefined =>
    found === undefined ? undefined : { out: found, end: at + found.length }
  const hide = (found: string | undefined, out: string): Token | undefined =>
    found === undefined ? undefined : { out, end: at + found.length }
  return (
    hide(matched(SPACE), ' ') ??
    hide(matched(LINE_COMMENT), ' ') ??
    hide(matched(EXECUTED), ' ') ??
    hide(matched(COMMENT), ' ') ??
    hide(matched(END_OF_COMMENT), ' ') ??
    quoted(text, at, matched(SINGLE) ?? matched(DOUBLE)) ??
    keep(matched(QUOTED_NAME)) ??
    hide(matched(NUMBER), '?') ??
    keep(matched(WORD)) ?? { out: text[at]!, end: at + 1 }
  )
}

/**
 * Whether a backslash escapes depends on NO_BACKSLASH_ESCAPES of that session, which nobody outside can see: where the
 * two readings differ, all that follows is taken away.
 */
const quoted = (text: string, at: number, found: string | undefined): Token | undefined => {
  if (found === undefined) return undefined
  const ambiguous = /\\['"]/.test(found)
  return ambiguous ? { out: '? …', end: text.length } : { out: '?', end: at + found.length }
}
