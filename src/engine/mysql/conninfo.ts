// The two notations of MySQL's clients, taken apart into names and values: the URI and the option file.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../model/index.ts'

const URI_HINT = 'mysql://user:password@host:3306/database, with special characters percent-encoded'

/** `mysql://user:password@host:port/database?name=value`. Every part is optional. */
export const parseUri = (text: string): Record<string, string> => {
  const rest = text.slice(text.indexOf('://') + 3)
  const [, authority = '', path = '', query = ''] = /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(rest) ?? []
  // The last @, because passwords with a bare @ are common and a host cannot hold one.
  const at = authority.lastIndexOf('@')
  const [user, ...password] = at < 0 ? [] : authority.slice(0, at).split(':')
  const address = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d*))?$/.exec(authority.slice(at + 1))
  if (address === null || path.includes('/')) throw unparsable('the URI does not parse')

  const pairs: Record<string, string> = {}
  const put = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') pairs[name] = decode(value)
  }
  put('user', user)
  put('password', password.length === 0 ? undefined : password.join(':'))
  put('host', address[1]?.replace(/^\[(.*)\]$/, '$1'))
  put('port', address[2])
  put('database', path)
  for (const parameter of query === '' ? [] : query.split('&')) {
    const equals = parameter.indexOf('=')
    if (equals < 1) throw unparsable('a parameter of the URI has no value')
    put(optionName(decode(parameter.slice(0, equals))), parameter.slice(equals + 1))
  }
  return pairs
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw unparsable('the URI has a % that is not an escape')
  }
}

/** Dashes and underscores are the same to MySQL. */
const optionName = (text: string): string => text.trim().toLowerCase().replaceAll('_', '-')

const unparsable = (message: string): AppError => new AppError('target-unparsable', message, URI_HINT)

/**
 * The groups `[client]` and `[client-server]` of `~/.my.cnf`, as MySQL's own clients read them: a file that everybody
 * may write is left alone. Empty when there is none.
 * https://dev.mysql.com/doc/refman/en/option-files.html
 */
export const readOptionFile = (env: NodeJS.ProcessEnv): Record<string, string> => {
  if (env.HOME === undefined || env.HOME === '') return {}
  const file = join(env.HOME, '.my.cnf')
  try {
    return (statSync(file).mode & 0o002) === 0 ? parseOptions(readFileSync(file, 'utf8')) : {}
  } catch {
    return {}
  }
}

export const parseOptions = (text: string): Record<string, string> => {
  const options: Record<string, string> = {}
  let isOurs = false
  for (const line of text.split(/\r?\n/)) {
    const group = /^\s*\[([^\]]*)\]/.exec(line)?.[1]
    if (group !== undefined) isOurs = group === 'client' || group === 'client-server'
    else if (isOurs && !/^\s*[#;!]/.test(line)) {
      const [, name, value] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
      if (name !== undefined && value !== undefined) options[optionName(name)] = unquoted(value)
    }
  }
  return options
}

const ESCAPES: Record<string, string> = { b: '\b', t: '\t', n: '\n', r: '\r', s: ' ' }

/** Quotes keep a `#` in the value; outside of them it begins a comment. */
const unquoted = (value: string): string => {
  const text = /^(['"])(.*)\1/.exec(value)?.[2] ?? value.replace(/\s+#.*$/, '')
  return text.replace(/\\([btnrs\\'"])/g, (_, letter: string) => ESCAPES[letter] ?? letter)
}
