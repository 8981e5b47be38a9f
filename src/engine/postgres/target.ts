// What the operator typed, or the environment says, as one target. Opens nothing, and reads at most a service file.
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
import { parsePairs } from './conninfo.ts'
import { readService } from './service.ts'

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
type SslMode = (typeof SSL_MODES)[number]

export interface PostgresTarget {
  /** `user@host:port/database`; holds no password. */
  name: string
  /** Name, address, or the folder of a Unix socket. */
  host: string
  /** Where to connect to, when not to what `host` resolves to. */
  address?: string
  port: number
  user: string
  database: string
  /** Not enumerable: printing a target must not show it. */
  password?: string
  sslMode: SslMode
  /** PEM file of the authorities to trust; `system` for those of Node. */
  sslRootCert?: string
  /** Bound of each phase of connecting, milliseconds. */
  connectTimeoutMs?: number
  /** Command-line options for the server, as libpq passes them. */
  options?: string
  /** How AWS says who logs in; `source` then brings it. */
  aws: AwsLogin
  source?: LoginSource
}

/** Settings of libpq that change nothing here, so that a URI made for another client is welcome. */
const IGNORED = [
  ...[
    'application_name',
    'fallback_application_name',
    'client_encoding',
    'gssencmode',
    'target_session_attrs',
  ],
  ...['keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count', 'tcp_user_timeout'],
]

const ENVIRONMENT = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  options: 'PGOPTIONS',
  service: 'PGSERVICE',
} as const

/** Spillway's own. */
const AWS = ['auth', 'secret', 'region', 'profile'] as const

type Parameter = keyof typeof ENVIRONMENT | (typeof AWS)[number]
type Parameters = Partial<Record<Parameter, string>>

const URI_HINT = 'postgres://user:password@host:5432/database, with special characters percent-encoded'

/**
 * A libpq URI, a `key=value` string, or, without text, `DATABASE_URL` and then the `PG*` variables. As in libpq, a
 * service fills what the text leaves out, and the variables what the service leaves out. `settings` are stronger than
 * the text, a secret is weaker. Throws AppError `target-missing` or `target-unparsable`; no password is ever part of
 * the message.
 */
export const postgresTarget = (
  text: string | undefined,
  env: NodeJS.ProcessEnv,
  { settings = {}, secret = {} }: { settings?: Settings; secret?: Settings } = {},
): PostgresTarget => {
  const given = (text ?? env.DATABASE_URL ?? '').trim()
  const fromEnvironment = environment(env)
  const typed = { ...known(given === '' ? {} : parse(given)), ...known(named(settings)) }
  const service = typed.service ?? fromEnvironment.service
  const filed = service === undefined ? {} : known(readService(service, env))
  const parameters = { ...fromEnvironment, ...filed, ...known(named(secret)), ...typed }
  if (given === '' && !['host', 'hostaddr', 'dbname', 'user'].some(name => name in parameters)) {
    throw new AppError(
      'target-missing',
      'no database was named',
      'give a URI (postgres://user@host/database), or set DATABASE_URL, PGSERVICE or PGHOST',
    )
  }
  return build(parameters, awsLogin(typed, secret), env)
}

const environment = (env: NodeJS.ProcessEnv): Parameters =>
  Object.fromEntries(
    Object.entries(ENVIRONMENT)
      .map(([name, variable]) => [name, env[variable]])
      .filter(([, value]) => value !== undefined && value !== ''),
  )

const parse = (text: string): Record<string, string> => {
  if (/^postgres(ql)?:\/\//i.test(text)) return named(parseUri(text, URI_HINT))
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]
  if (scheme !== undefined) {
    throw unparsable(
      `${scheme}:// is not a PostgreSQL target`,
      'a URI begins with postgres:// or postgresql://',
    )
  }
  return parsePairs(text)
}

/** libpq's words for what has another name elsewhere. */
const named = ({ database, sslCa, ...rest }: Settings): Record<string, string> => ({
  ...rest,
  ...(database !== undefined && { dbname: database }),
  ...(sslCa !== undefined && { sslrootcert: sslCa }),
})

const known = (pairs: Record<string, string>): Parameters => {
  const parameters: Parameters = {}
  for (const [name, value] of Object.entries(pairs)) {
    if (name in ENVIRONMENT || AWS.some(one => one === name)) parameters[name as Parameter] = value
    else if (name === 'ssl' && value === 'true') parameters.sslmode ??= 'require'
    else if (!IGNORED.includes(name)) {
      const names = [...Object.keys(ENVIRONMENT), ...AWS, ...IGNORED].join(', ')
      throw unparsable(`unknown parameter ${JSON.stringify(name)}`, `known parameters: ${names}`)
    }
  }
  return parameters
}

const build = (parameters: Parameters, aws: AwsLogin, env: NodeJS.ProcessEnv): PostgresTarget => {
  const host = parameters.host ?? parameters.hostaddr ?? 'localhost'
  if (host.includes(',')) throw unparsable('more than one host was named', 'name the one server to look at')
  const port = integer('port', parameters.port ?? '5432', 1, 65_535)
  const user = parameters.user ?? env.USER ?? env.LOGNAME ?? 'postgres'
  const database = parameters.dbname ?? user
  const target: PostgresTarget = {
    name: `${user}@${host.includes(':') ? `[${host}]` : host}:${port}/${database}`,
    host,
    port,
    user,
    database,
    sslMode: sslMode(parameters.sslmode, { host, aws, ...rootOf(parameters.sslrootcert) }),
    aws,
    ...rootOf(parameters.sslrootcert),
  }
  if (parameters.hostaddr !== undefined) target.address = parameters.hostaddr
  if (parameters.options !== undefined) target.options = parameters.options
  const seconds = integer('connect_timeout', parameters.connect_timeout ?? '0', 0, 3_600)
  if (seconds > 0) target.connectTimeoutMs = seconds * 1_000
  if (parameters.password !== undefined) {
    Object.defineProperty(target, 'password', { value: parameters.password, enumerable: false })
  }
  return target
}

const rootOf = (file: string | undefined) => (file === undefined ? {} : { sslRootCert: file })

type Wishes = Pick<PostgresTarget, 'host' | 'sslRootCert' | 'aws'>

const sslMode = (text: string | undefined, wishes: Wishes): SslMode => {
  if (text === undefined) return isVerifiedByDefault(wishOf(wishes)) ? 'verify-full' : 'prefer'
  const mode = SSL_MODES.find(one => one === text)
  if (mode === undefined) throw unparsable('unknown sslmode', `one of ${SSL_MODES.join(', ')}`)
  if (wishes.aws.iam && !INSISTING.includes(mode)) {
    throw unparsable('a token of IAM goes over TLS only', 'leave sslmode out, for verify-full')
  }
  return mode
}

const wishOf = ({ host, sslRootCert, aws }: Wishes) => ({
  host,
  iam: aws.iam,
  ...(sslRootCert !== undefined && { root: sslRootCert }),
})

/** They connect with TLS or not at all. */
const INSISTING: SslMode[] = ['require', 'verify-ca', 'verify-full']

/** What each `sslmode` checks, as libpq defines it. */
export const trustOf = (target: PostgresTarget): Trust => {
  const asked = target.sslMode === 'verify-full' ? 'name' : target.sslMode === 'verify-ca' ? 'chain' : 'none'
  return trustIn(wishOf(target), asked, INSISTING.includes(target.sslMode))
}
