// What the operator typed, or the environment says, as one target. Pure: opens and reads nothing.
import { AppError } from '../../model/index.ts'
import { parsePairs, parseUri } from './conninfo.ts'

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
type SslMode = (typeof SSL_MODES)[number]

export interface PostgresTarget {
  /** `user@host:port/database`; holds no password. */
  name: string
  /** Name, address, or the folder of a Unix socket. */
  host: string
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
}

/** Settings of libpq that change nothing here, so that a URI made for another client is welcome. */
const IGNORED = ['application_name', 'fallback_application_name', 'client_encoding', 'gssencmode']

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
} as const

type Parameter = keyof typeof ENVIRONMENT
type Parameters = Partial<Record<Parameter, string>>

/**
 * A libpq URI, a `key=value` string, or, without text, `DATABASE_URL` and then the `PG*` variables. As in libpq, the
 * variables also fill what the text leaves out. Throws AppError `target-missing` or `target-unparsable`; no password
 * is ever part of the message.
 */
export const postgresTarget = (text: string | undefined, env: NodeJS.ProcessEnv): PostgresTarget => {
  const given = (text ?? env.DATABASE_URL ?? '').trim()
  const fromEnvironment = environment(env)
  if (given === '' && !['host', 'hostaddr', 'dbname', 'user'].some(name => name in fromEnvironment)) {
    throw new AppError(
      'target-missing',
      'no database was named',
      'give a URI (postgres://user@host/database), or set DATABASE_URL or PGHOST',
    )
  }
  return build({ ...fromEnvironment, ...known(given === '' ? {} : parse(given)) }, env)
}

const environment = (env: NodeJS.ProcessEnv): Parameters =>
  Object.fromEntries(
    Object.entries(ENVIRONMENT)
      .map(([name, variable]) => [name, env[variable]])
      .filter(([, value]) => value !== undefined && value !== ''),
  )

const parse = (text: string): Record<string, string> => {
  if (/^postgres(ql)?:\/\//i.test(text)) return parseUri(text)
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]
  if (scheme !== undefined) {
    throw unparsable(
      `${scheme}:// is not a PostgreSQL target`,
      'a URI begins with postgres:// or postgresql://',
    )
  }
  return parsePairs(text)
}

const known = (pairs: Record<string, string>): Parameters => {
  const parameters: Parameters = {}
  for (const [name, value] of Object.entries(pairs)) {
    if (name in ENVIRONMENT) parameters[name as Parameter] = value
    else if (name === 'ssl' && value === 'true') parameters.sslmode ??= 'require'
    else if (!IGNORED.includes(name)) {
      const names = [...Object.keys(ENVIRONMENT), ...IGNORED].join(', ')
      throw unparsable(`unknown parameter ${JSON.stringify(name)}`, `known parameters: ${names}`)
    }
  }
  return parameters
}

const build = (parameters: Parameters, env: NodeJS.ProcessEnv): PostgresTarget => {
  const host = parameters.hostaddr ?? parameters.host ?? 'localhost'
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
    sslMode: sslMode(parameters.sslmode),
  }
  if (parameters.sslrootcert !== undefined) target.sslRootCert = parameters.sslrootcert
  if (parameters.options !== undefined) target.options = parameters.options
  const seconds = integer('connect_timeout', parameters.connect_timeout ?? '0', 0, 3_600)
  if (seconds > 0) target.connectTimeoutMs = seconds * 1_000
  if (parameters.password !== undefined) {
    Object.defineProperty(target, 'password', { value: parameters.password, enumerable: false })
  }
  return target
}

const sslMode = (text = 'prefer'): SslMode => {
  const mode = SSL_MODES.find(one => one === text)
  if (mode === undefined) throw unparsable('unknown sslmode', `one of ${SSL_MODES.join(', ')}`)
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
