// The option files of MySQL's clients, taken apart into names and values.
// https://dev.mysql.com/doc/refman/en/option-files.html
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The groups `[client]` and `[client-server]` of `~/.my.cnf` and of what it includes, as MySQL's own clients read them:
 * a file that everybody may write is left alone. Empty when there is none.
 */
export const readOptionFile = (env: NodeJS.ProcessEnv): Record<string, string> =>
  env.HOME === undefined || env.HOME === '' ? {} : optionsIn(join(env.HOME, '.my.cnf'), 0)

/** How deep files may include one another, as in MySQL. */
const MAX_DEPTH = 10

const optionsIn = (file: string, depth: number): Record<string, string> => {
  if (depth > MAX_DEPTH) return {}
  try {
    if ((statSync(file).mode & 0o002) !== 0) return {}
    return parseOptions(readFileSync(file, 'utf8'), path => includedBy(path, depth + 1))
  } catch {
    return {}
  }
}

/** A file, or the `.cnf` files of a folder. */
const includedBy = (path: string, depth: number): Record<string, string> => {
  try {
    if (!statSync(path).isDirectory()) return optionsIn(path, depth)
    const names = readdirSync(path).filter(name => name.endsWith('.cnf'))
    return Object.assign({}, ...names.sort().map(name => optionsIn(join(path, name), depth)))
  } catch {
    return {}
  }
}

/** The last of two equal names counts. `include` gives the options of a file or folder that is named in between. */
export const parseOptions = (
  text: string,
  include: (path: string) => Record<string, string> = () => ({}),
): Record<string, string> => {
  const options: Record<string, string> = {}
  let isOurs = false
  for (const line of text.split(/\r?\n/)) {
    const group = /^\s*\[([^\]]*)\]/.exec(line)?.[1]
    const included = /^\s*!include(?:dir)?\s+(.*?)\s*$/.exec(line)?.[1]
    if (group !== undefined) isOurs = group === 'client' || group === 'client-server'
    else if (included !== undefined) Object.assign(options, include(included))
    else if (isOurs && !/^\s*[#;!]/.test(line)) {
      const [, name, value] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
      if (name !== undefined && value !== undefined) options[optionName(name)] = unquoted(value)
    }
  }
  return options
}

/** Dashes and underscores are the same to MySQL. */
export const optionName = (text: string): string => text.trim().toLowerCase().replaceAll('_', '-')

const ESCAPES: Record<string, string> = { b: '\b', t: '\t', n: '\n', r: '\r', s: ' ' }

/** Quotes keep a `#` in the value; outside of them it begins a comment. */
const unquoted = (value: string): string => {
  const text = /^(['"])(.*)\1/.exec(value)?.[2] ?? value.replace(/\s+#.*$/, '')
  return text.replace(/\\([btnrs\\'"])/g, (_, letter: string) => ESCAPES[letter] ?? letter)
}
