// What the operator typed, or the option file says, as one target. Opens nothing, and reads at most that file.
import {
  type AwsLogin,
  awsLogin,
  integer,
  isVerifiedByDefault,
  parseUri,
  type Settings,
  type Trust,
  trustIn,
  unparsable,
} from '../../dial/index.ts'
import { AppError, type LoginSource } from '../../model/index.ts'
import { optionName, readOptionFile } from './conninfo.ts'

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
  /** Where to connect to, when not to what `host` resolves to. */
  address?: string
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
  /** How AWS says who logs in; `source` then brings it. */
  aws: AwsLogin
  source?: LoginSource
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
  return build({ ...password, ...file, ...said }, awsLogin(typed, secret), env, engine)
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
  aws: AwsLogin,
  env: NodeJS.ProcessEnv,
  engine: MysqlTarget['engine'],
): MysqlTarget => {
  const host = parameters.socket ?? parameters.host ?? parameters.hostaddr ?? 'localhost'
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
    sslMode: sslMode(parameters['ssl-mode'], { host, aws, ...caOf(parameters['ssl-ca']) }),
    aws,
    ...caOf(parameters['ssl-ca']),
  }
  if (database !== undefined) target.database = database
  if (parameters.hostaddr !== undefined) target.address = parameters.hostaddr
  const seconds = integer('connect-timeout', parameters['connect-timeout'] ?? '0', 0, 3_600)
  if (seconds > 0) target.connectTimeoutMs = seconds * 1_000
  if (parameters.password !== undefined) {
    Object.defineProperty(target, 'password', { value: parameters.password, enumerable: false })
  }
  return target
}

const caOf = (file: string | undefined) => (file === undefined ? {} : { sslCa: file })

type Wishes = Pick<MysqlTarget, 'host' | 'sslCa' | 'aws'>

const sslMode = (text: string | undefined, wishes: Wishes): SslMode => {
  if (text === undefined) return isVerifiedByDefault(wishOf(wishes)) ? 'verify-identity' : 'preferred'
  const word = text.toLowerCase().replaceAll('_', '-')
  const mode = SSL_MODES.find(one => one === word) ?? SSL_WORDS[word]
  if (mode === undefined) throw unparsable('unknown ssl-mode', `one of ${SSL_MODES.join(', ')}`)
  if (wishes.aws.iam && !INSISTING.includes(mode)) {
    throw unparsable('a token of IAM goes over TLS only', 'leave ssl-mode out, for verify-identity')
  }
  return mode
}

const wishOf = ({ host, sslCa, aws }: Wishes) => ({
  host,
  iam: aws.iam,
  ...(sslCa !== undefined && { root: sslCa }),
})

/** They connect with TLS or not at all. */
const INSISTING: SslMode[] = ['required', 'verify-ca', 'verify-identity']

/** What each `ssl-mode` checks, as MySQL defines it. */
export const trustOf = (target: MysqlTarget): Trust => {
  const asked =
    target.sslMode === 'verify-identity' ? 'name' : target.sslMode === 'verify-ca' ? 'chain' : 'none'
  return trustIn(wishOf(target), asked, INSISTING.includes(target.sslMode))
}
