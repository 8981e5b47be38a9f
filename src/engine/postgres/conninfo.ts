// libpq's other notation, taken apart into names and values.
// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
import { unparsable } from '../../dial/index.ts'

const HINT = 'host=… port=5432 dbname=… user=…, values with spaces in single quotes; or a postgres:// URI'

/** `name = value 'value with spaces' 'it\'s'`. */
export const parsePairs = (text: string): Record<string, string> => {
  const pair = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/gsy
  const pairs: Record<string, string> = {}
  let end = 0
  for (const match of text.matchAll(pair)) {
    pairs[match[1]!] = (match[2] ?? match[3] ?? '').replace(/\\(.)/gs, '$1')
    end = match.index + match[0].length
  }
  if (text.slice(end).trim() !== '') throw unparsable('the target does not parse', HINT)
  return pairs
}
