// A text as somebody has it (a log line, a stack, an error object, a bare code) → the codes in it and its words.
import { SYMPTOMS } from './data/index.ts'
import type { Symptom } from './symptom.ts'

export interface Reading {
  /** Codes that a symptom knows, upper case. */
  codes: ReadonlySet<string>
  /** The words on one line. */
  line: string
  /** The words line by line, for what counts only as a whole message. */
  lines: string
  /** Nothing but codes was given. */
  onlyCodes: boolean
}

/** Characters that are read; what a longer text begins with says what failed. */
export const MAX_TEXT = 16_384

export function read(text: string): Reading {
  const lines = plain(text.slice(0, MAX_TEXT))
  const line = lines.replaceAll('\n', ' ')
  const codes = codesIn(lines)
  const rest = line.replace(WORD, word => (codes.has(word.toUpperCase()) || FRAME.test(word) ? '' : word))
  return { codes, line, lines, onlyCodes: codes.size > 0 && !/\p{L}{2}/u.test(rest) }
}

export const codesOf = ({ codes, sqlstate }: Symptom): string[] =>
  sqlstate === undefined ? [...codes] : [...codes, sqlstate]

/** Escapes of JSON and CSV undone, one kind of quotes, single spaces. */
const plain = (text: string): string =>
  text
    .replace(/\\[nrt]/g, '\n')
    .replace(/\\(["'\\/])/g, '$1')
    .replace(/""(?=\w)|(?<=\w)""/g, '"')
    .replace(/[“”]/g, '"')
    .replace(/[‘’`´]/g, "'")
    .replace(/\r/g, '\n')
    .replace(/[^\P{C}\n]/gu, ' ')
    .replace(/ +/g, ' ')
    .replace(/^ /gm, '')

/** Codes, and the words that come with them. */
const WORD = /[\p{L}\w]{2,64}/gu
const FRAME = /^(?:sqlstate|error|code|errno|fatal|panic|mysql|sql|state|no|number)$/i

const KNOWN = new Set(SYMPTOMS.flatMap(codesOf).map(code => code.toUpperCase()))

function codesIn(text: string): Set<string> {
  const found = new Set<string>()
  const add = (code: string | undefined) => {
    const upper = code?.toUpperCase() ?? ''
    if (KNOWN.has(upper)) found.add(upper)
  }
  for (const [name] of text.matchAll(NAME)) add(name)
  for (const form of NUMBER) for (const match of text.matchAll(form)) match.slice(1).forEach(add)
  if (NO_SQLSTATE.test(text)) found.add('HY000')
  return found
}

/** A name of a code, or a SQLSTATE that has a letter: nothing else looks like one. */
const NAME = /\b(?:[A-Z]\w{3,60}(?:::\w{1,60})?|(?=\d{0,4}[A-Z])\d[0-9A-Z]{4})\b/gi

/** Digits alone are also ports, process ids and durations: only where a code stands. */
const NUMBER = [
  // ERROR 1040 (08004) · code: '53300' · "errno":1040 · (conn=12, no: 1045, … · FATAL,53300, · [MY-010914]
  /(?:sqlstate|code|errno|error|fatal|panic|MY-|\bno)["']?[\s:=,[(]{0,4}["']?0{0,2}(\d{4,5})\b(?![-.:]?\d)/gi,
  // :53300:FATAL
  /\b(\d{5})[: ]{1,3}(?:fatal|error|panic)\b/gi,
  // SQLSTATE[08004] [1040] · [HY000][1040]
  /\[(\w{5})\] ?\[(\d{4})\]/g,
  // (1040, 'Too many connections') · 1040 (08004):
  /\((\d{4}), ?["']/g,
  /\b(\d{4,5}) ?\((\w{5})\)/g,
  // cannot be verified: 1040 - Too many connections
  /: (\d{4}) - /g,
  /^\W{0,9}(\d{4,5})\W{0,9}$/gm,
]

/** An error that came before the handshake has none; libmysqlclient shows HY000 then. */
const NO_SQLSTATE = /sqlstate["']?[:=] ?["']{2}/i
