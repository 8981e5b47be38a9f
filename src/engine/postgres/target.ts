// What the operator typed, or the environment says, as one target. Opens nothing, and reads at most a service file.
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
import { parsePairs } from './conninfo.ts'
import { readService } from './service.ts'

/** What each `sslmode` does, as libpq defines it. */
const SSL_MODE = {
  parameter: 'sslmode',
  names: {
    disable: { plain: 'always', verify: 'none' },
    allow: { plain: 'may', verify: 'none' },
    prefer: { plain: 'may', verify: 'none' },
    require: { plain: 'never', verify: 'none' },
    'verify-ca': { plain: 'never', verify: 'chain' },
    'verify-full': { plain: 'never', verify: 'name' },
  },
  trusting: 'prefer',
  full: 'verify-full',
} as const satisfies Modes<string>
type SslMode = keyof typeof SSL_MODE.names

export interface PostgresTarget extends DialTarget {
  /** `user@host:port/database`; holds no password. */
  name: string
  database: string
  sslMode: SslMode
  /** Command-line options for the server, as libpq passes them. */
  options?: string
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
  return build(parameters, { typed, secret }, env)
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

const build = (
  { sslrootcert: authority, connect_timeout: connectTimeout, ...parameters }: Parameters,
  login: { typed: Settings; secret: Settings },
  env: NodeJS.ProcessEnv,
): PostgresTarget => {
  const words = { ...parameters, ...(authority && { authority }), ...(connectTimeout && { connectTimeout }) }
  const target = dialTarget(words, login, { port: 5432, user: 'postgres' }, env)
  const { dbname: database = target.user, options, sslmode, password } = parameters
  const whole: PostgresTarget = {
    name: `${placeName(target)}/${database}`,
    ...target,
    database,
    sslMode: modeOf(SSL_MODE, sslmode, target),
    ...(options !== undefined && { options }),
  }
  return withPassword(whole, password)
}

export const trustOf = (target: PostgresTarget): Trust => trustIn(target, SSL_MODE.names[target.sslMode])
