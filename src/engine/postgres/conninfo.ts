// The two notations of libpq, taken apart into names and values.
// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
import { AppError } from '../../model/index.ts'

const URI_HINT = 'postgres://user:password@host:5432/database, with special characters percent-encoded'
const PAIRS_HINT =
  'host=… port=5432 dbname=… user=…, values with spaces in single quotes; or a postgres:// URI'

/** `postgres://user:password@host:port/database?name=value`. Every part is optional. */
export const parseUri = (text: string): Record<string, string> => {
  const rest = text.slice(text.indexOf('://') + 3)
  const [, authority = '', path = '', query = ''] = /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest) ?? []
  // The last @, because passwords with a bare @ are common and a host cannot hold one.
  const at = authority.lastIndexOf('@')
  const [user, ...password] = at < 0 ? [] : authority.slice(0, at).split(':')
  const address = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d*))?$/.exec(authority.slice(at + 1))
  if (address === null || /[/@]/.test(path)) throw unparsable('the URI does not parse', URI_HINT)

  const pairs: Record<string, string> = {}
  const put = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') pairs[name] = decode(value)
  }
  put('user', user)
  put('password', password.length === 0 ? undefined : password.join(':'))
  put('host', address[1]?.replace(/^\[(.*)\]$/, '$1'))
  put('port', address[2])
  put('dbname', path)
  for (const parameter of query === '' ? [] : query.split('&')) {
    const equals = parameter.indexOf('=')
    if (equals < 1) throw unparsable('a parameter of the URI has no value', URI_HINT)
    put(decode(parameter.slice(0, equals)), parameter.slice(equals + 1))
  }
  return pairs
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw unparsable('the URI has a % that is not an escape', URI_HINT)
  }
}

/** `name = value 'value with spaces' 'it\'s'`. */
export const parsePairs = (text: string): Record<string, string> => {
  const pair = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/gsy
  const pairs: Record<string, string> = {}
  let end = 0
  for (const match of text.matchAll(pair)) {
    pairs[match[1]!] = (match[2] ?? match[3] ?? '').replace(/\\(.)/gs, '$1')
    end = match.index + match[0].length
  }
  if (text.slice(end).trim() !== '') throw unparsable('the target does not parse', PAIRS_HINT)
  return pairs
}

const unparsable = (message: string, hint: string): AppError =>
  new AppError('target-unparsable', message, hint)
