// What the operator typed, or the option file says, as one target. Opens nothing.
import { AppError } from '../../model/index.ts'
import { parseUri, readOptionFile } from './conninfo.ts'

const SSL_MODES = ['disabled', 'preferred', 'required', 'verify-ca', 'verify-identity'] as const
type SslMode = (typeof SSL_MODES)[number]

/** Words of other clients for the same. */
const SSL_WORDS: Record<string, SslMode> = {
  disable: 'disabled',
  prefer: 'preferred',
  allow: 'preferred',
  require: 'required',
  'verify-full': 'verify-identity',
  true: 'required',
  false: 'disabled',
}

export interface MysqlTarget {
  /** `user@host:port/database`; holds no password. */
  name: string
  /** What the URI says; the server says what it is. */
  engine: 'mysql' | 'mariadb'
  /** Name, address, or the path of a Unix socket. */
  host: string
  port: number
  user: string
  database?: string
  /** Not enumerable: printing a target must not show it. */
  password?: string
  sslMode: SslMode
  /** PEM file of the authorities to trust. */
  sslCa?: string
  /** Bound of each phase of connecting, milliseconds. */
  connectTimeoutMs?: number
}

/** Settings of other clients that change nothing here, so that a URI made for them is welcome. */
const IGNORED = ['charset', 'default-character-set', 'serverversion', 'program-name', 'sslaccept']

const KNOWN = [
  ...['host', 'port', 'user', 'password', 'database', 'socket', 'ssl-mode', 'ssl-ca', 'connect-timeout'],
] as const
type Parameter = (typeof KNOWN)[number]
type Parameters = Partial<Record<Parameter, string>>

export const isMysqlUri = (text: string | undefined): boolean => /^(mysql|mariadb):\/\//i.test(text ?? '')

/**
 * A `mysql://` or `mariadb://` URI, or `DATABASE_URL`; the group `[client]` of `~/.my.cnf` fills what it leaves out.
 * Throws AppError `target-missing` or `target-unparsable`; no password is ever part of the message.
 */
export const mysqlTarget = (text: string | undefined, env: NodeJS.ProcessEnv): MysqlTarget => {
  const given = (text ?? env.DATABASE_URL ?? '').trim()
  if (given === '') {
    throw new AppError(
      'target-missing',
      'no database was named',
      'give a URI (mysql://user@host/database), or set DATABASE_URL',
    )
  }
  if (!isMysqlUri(given))
    throw unparsable('this is not a MySQL target', 'a URI begins with mysql:// or mariadb://')
  const said = known(parseUri(given), true)
  const file = known(readOptionFile(env), false)
  // The password in the file belongs to the user in the file, and the socket to no other host.
  if (said.user !== undefined && said.user !== file.user) delete file.password
  if (said.host !== undefined) delete file.socket
  return build({ ...file, ...said }, env, /^mariadb/i.test(given) ? 'mariadb' : 'mysql')
}

const known = (pairs: Record<string, string>, strict: boolean): Parameters => {
  const parameters: Parameters = {}
  for (const [name, value] of Object.entries(pairs)) {
    const word = name === 'ssl' || name === 'sslmode' ? 'ssl-mode' : name
    const parameter = KNOWN.find(one => one === word)
    if (parameter !== undefined) parameters[parameter] = value
    else if (strict && !IGNORED.includes(name)) {
      throw unparsable(
        `unknown parameter ${JSON.stringify(name)}`,
        `known parameters: ${[...KNOWN, ...IGNORED].join(', ')}`,
      )
    }
  }
  return parameters
}

const build = (
  parameters: Parameters,
  env: NodeJS.ProcessEnv,
  engine: MysqlTarget['engine'],
): MysqlTarget => {
  const host = parameters.socket ?? parameters.host ?? 'localhost'
  if (host.includes(',')) throw unparsable('more than one host was named', 'name the one server to look at')
  const port = integer('port', parameters.port ?? '3306', 1, 65_535)
  const user = parameters.user ?? env.USER ?? env.LOGNAME ?? 'root'
  const { database } = parameters
  const place = host.startsWith('/') ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`
  const target: MysqlTarget = {
    name: `${user}@${place}${database === undefined ? '' : `/${database}`}`,
    engine,
    host,
    port,
    user,
    sslMode: sslMode(parameters['ssl-mode']),
  }
  if (database !== undefined) target.database = database
  if (parameters['ssl-ca'] !== undefined) target.sslCa = parameters['ssl-ca']
  const seconds = integer('connect-timeout', parameters['connect-timeout'] ?? '0', 0, 3_600)
  if (seconds > 0) target.connectTimeoutMs = seconds * 1_000
  if (parameters.password !== undefined) {
    Object.defineProperty(target, 'password', { value: parameters.password, enumerable: false })
  }
  return target
}

const sslMode = (text = 'preferred'): SslMode => {
  const word = text.toLowerCase().replaceAll('_', '-')
  const mode = SSL_MODES.find(one => one === word) ?? SSL_WORDS[word]
  if (mode === undefined) throw unparsable('unknown ssl-mode', `one of ${SSL_MODES.join(', ')}`)
  return mode
}

const integer = (name: string, text: string, min: number, max: number): number => {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= min && value <= max) return value
  throw unparsable(
    `${name} is not a number from ${min} to ${max}`,
    `for instance ${name}=${Math.max(min, 10)}`,
  )
}

const unparsable = (message: string, hint: string): AppError =>
  new AppError('target-unparsable', message, hint)
