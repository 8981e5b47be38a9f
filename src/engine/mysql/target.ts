// What the operator typed, or the option file says, as one target. Opens nothing, and reads at most that file.
import {
  type DialTarget,
  dialTarget,
  type Modes,
  modeOf,
  parseUri,
  placeName,
  type Settings,
  type Trust,
  trustIn,
  unparsable,
  withPassword,
} from '../../dial/index.ts'
import { AppError } from '../../model/index.ts'
import { optionName, readOptionFile } from './conninfo.ts'

/** What each `ssl-mode` does, as MySQL defines it. */
const SSL_MODE = {
  parameter: 'ssl-mode',
  names: {
    disabled: { plain: 'always', verify: 'none' },
    preferred: { plain: 'may', verify: 'none' },
    required: { plain: 'never', verify: 'none' },
    'verify-ca': { plain: 'never', verify: 'chain' },
    'verify-identity': { plain: 'never', verify: 'name' },
  },
  trusting: 'preferred',
  full: 'verify-identity',
} as const satisfies Modes<string>
type SslMode = keyof typeof SSL_MODE.names

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

export interface MysqlTarget extends DialTarget {
  /** `user@host:port/database`; holds no password. */
  name: string
  /** What the URI says; the server says what it is. */
  engine: 'mysql' | 'mariadb'
  database?: string
  sslMode: SslMode
}

/** Settings of other clients that change nothing here, so that a URI made for them is welcome. */
const IGNORED = ['charset', 'default-character-set', 'serverversion', 'program-name', 'sslaccept']

const KNOWN = [
  ...['host', 'hostaddr', 'port', 'user', 'password', 'database', 'socket', 'ssl-mode', 'ssl-ca'],
  ...['connect-timeout', 'auth', 'secret', 'region', 'profile'],
] as const
type Parameter = (typeof KNOWN)[number]
type Parameters = Partial<Record<Parameter, string>>

export const isMysqlUri = (text: string | undefined): boolean => /^(mysql|mariadb):\/\//i.test(text ?? '')

const URI_HINT = 'mysql://user:password@host:3306/database, with special characters percent-encoded'

/**
 * A `mysql://` or `mariadb://` URI, or `DATABASE_URL`; the group `[client]` of `~/.my.cnf` fills what it leaves out, and
 * `MYSQL_PWD` a password that nobody gave. `settings` are stronger than the text, a secret is weaker. Throws AppError
 * `target-missing` or `target-unparsable`; no password is ever part of the message.
 */
export const mysqlTarget = (
  text: string | undefined,
  env: NodeJS.ProcessEnv,
  { settings = {}, secret = {} }: { settings?: Settings; secret?: Settings } = {},
): MysqlTarget => {
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
  const typed = { ...known(parseUri(given, URI_HINT), true), ...known(settings, true) }
  const said = { ...known(secret, true), ...typed }
  const file = known(readOptionFile(env), false)
  // The password in the file belongs to the user in the file, and the socket to no other host.
  if (said.user !== undefined && said.user !== file.user) delete file.password
  if (said.host !== undefined) delete file.socket
  const password = env.MYSQL_PWD ? { password: env.MYSQL_PWD } : {}
  const engine = /^mariadb/i.test(given) ? 'mariadb' : 'mysql'
  return build({ ...password, ...file, ...said }, { typed, secret }, env, engine)
}

/** Other names of the same. */
const SAME: Record<string, Parameter> = { ssl: 'ssl-mode', sslmode: 'ssl-mode', sslca: 'ssl-ca' }

const known = (pairs: Settings, strict: boolean): Parameters => {
  const parameters: Parameters = {}
  for (const [text, value] of Object.entries(pairs)) {
    const name = optionName(text)
    const word = SAME[name] ?? name
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
  login: { typed: Settings; secret: Settings },
  env: NodeJS.ProcessEnv,
  engine: MysqlTarget['engine'],
): MysqlTarget => {
  const { socket, database, password } = parameters
  const [authority, connectTimeout] = [parameters['ssl-ca'], parameters['connect-timeout']]
  const words = {
    ...parameters,
    ...(socket && { host: socket }),
    ...(authority && { authority }),
    ...(connectTimeout && { connectTimeout }),
  }
  const target = dialTarget(words, login, { port: 3306, user: 'root' }, env)
  const { user, host } = target
  const place = host.startsWith('/') ? `${user}@${host}` : placeName(target)
  const whole: MysqlTarget = {
    name: `${place}${database === undefined ? '' : `/${database}`}`,
    engine,
    ...target,
    ...(database !== undefined && { database }),
    sslMode: modeOf(SSL_MODE, modeNamed(parameters['ssl-mode']), target),
  }
  return withPassword(whole, password)
}

const modeNamed = (text: string | undefined): string | undefined => {
  const word = text?.toLowerCase().replaceAll('_', '-')
  return word === undefined ? undefined : (SSL_WORDS[word] ?? word)
}

export const trustOf = (target: MysqlTarget): Trust => trustIn(target, SSL_MODE.names[target.sslMode])
