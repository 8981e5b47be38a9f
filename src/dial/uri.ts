// A URI of a database, taken apart into names and values as the operator wrote them.
import { unparsable } from './number.ts'

/**
 * `scheme://user:password@host:port/database?name=value`. Every part is optional; `hint` shows a right one. Throws
 * AppError `target-unparsable`, with nothing of the text in it.
 */
export const parseUri = (text: string, hint: string): Record<string, string> => {
  const rest = text.slice(text.indexOf('://') + 3)
  const [, authority = '', path = '', query = ''] = /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest) ?? []
  // The last @, because passwords with a bare @ are common and a host cannot hold one.
  const at = authority.lastIndexOf('@')
  const [user, ...password] = at < 0 ? [] : authority.slice(0, at).split(':')
  const address = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d*))?$/.exec(authority.slice(at + 1))
  if (address === null || /[/@]/.test(path)) throw unparsable('the URI does not parse', hint)

  const pairs: Record<string, string> = {}
  const put = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') pairs[name] = decode(value, hint)
  }
  put('user', user)
  put('password', password.length === 0 ? undefined : password.join(':'))
  put('host', address[1]?.replace(/^\[(.*)\]$/, '$1'))
  put('port', address[2])
  put('database', path)
  for (const parameter of query === '' ? [] : query.split('&')) {
    const equals = parameter.indexOf('=')
    if (equals < 1) throw unparsable('a parameter of the URI has no value', hint)
    put(decode(parameter.slice(0, equals), hint), parameter.slice(equals + 1))
  }
  return pairs
}

const decode = (text: string, hint: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw unparsable('the URI has a % that is not an escape', hint)
  }
}
