// A reading → the symptoms that fit, best first.
import { SYMPTOMS } from './data/index.ts'
import { codesOf, type Reading } from './reading.ts'
import type { Symptom } from './symptom.ts'

export interface Match {
  symptom: Symptom
  by: 'code and text' | 'code' | 'text'
}

interface Hit extends Match {
  /** Codes of the symptom that stand in the text. */
  codes: number
  /** Characters of the text that are its words. */
  words: number
}

/**
 * Code and text together come first. A code that only one symptom has says as much alone; one that several have tells
 * nothing beside the words of another, because poolers and proxies put their own code on the words of the server.
 * What encloses another error (a pool, a mapper, "cached error: …") comes after what it encloses.
 */
export function match(reading: Reading): Match[] {
  const hits = SYMPTOMS.flatMap(symptom => hit(symptom, reading))
  const spoken = hits.some(({ words }) => words > 0)
  const kept = spoken
    ? hits.filter(({ words, symptom }) => words > 0 || isNamedAlone(symptom, reading))
    : hits
  const most = Math.max(...kept.map(({ by, codes }) => (by === 'code' ? codes : 0)))
  return kept
    .filter(({ by, codes }) => by !== 'code' || codes === most)
    .sort((a, b) => rank(a) - rank(b) || b.codes - a.codes || b.words - a.words)
}

function hit(symptom: Symptom, reading: Reading): Hit[] {
  const known = codesOf(symptom).filter(code => reading.codes.has(code.toUpperCase()))
  const words = wordsOf(symptom, reading)
  const telling = known.filter(code => !BROAD.has(code))
  const codes =
    words > 0 || telling.length > 0 || (reading.onlyCodes && known.some(c => !VOID.has(c))) ? known : []
  if (words === 0) return codes.length > 0 ? [{ symptom, by: 'code', codes: codes.length, words }] : []
  return [{ symptom, by: codes.length > 0 ? 'code and text' : 'text', codes: codes.length, words }]
}

/** Codes for much that has nothing to do with connections: they count beside the words, or when nothing else is there. */
const BROAD = new Set([
  'HY000',
  '42000',
  '0A000',
  'XX000',
  '08P01',
  '08000',
  '08006',
  '40001',
  '53100',
  '53200',
  '55000',
])

/** Codes for anything at all. */
const VOID = new Set(['HY000', '42000'])

function wordsOf({ text, alone }: Symptom, { line, lines }: Reading): number {
  const found = text?.exec(line)?.[0].length ?? 0
  return alone !== undefined && standsAlone(alone, lines) ? Math.max(found, alone.length) : found
}

/** After a prefix such as `error: ` or a quote, up to the end of the line, of the quote, or of PgBouncer's `(age=3s)`. */
function standsAlone(words: string, lines: string): boolean {
  for (let at = lines.indexOf(words); at >= 0; at = lines.indexOf(words, at + 1)) {
    const before = lines.slice(Math.max(0, at - 2), at)
    if (
      /(?:^|\n|: |["'])$/.test(before) &&
      /^\.?(?:$|["'\n]| ?\(age=)/.test(lines.slice(at + words.length, at + words.length + 8))
    )
      return true
  }
  return false
}

const OWNERS = new Map<string, number>()
for (const symptom of SYMPTOMS) {
  for (const code of codesOf(symptom)) OWNERS.set(code, (OWNERS.get(code) ?? 0) + 1)
}

const isNamedAlone = (symptom: Symptom, { codes }: Reading): boolean =>
  codesOf(symptom).some(code => OWNERS.get(code) === 1 && !LYING.has(code) && codes.has(code.toUpperCase()))

/** PHP's mysqlnd says 2002 for every failure to connect. */
const LYING = new Set(['2002'])

const rank = ({ by, symptom }: Hit): number =>
  (symptom.outer ? 3 : 0) + { 'code and text': 0, code: 1, text: 2 }[by]
