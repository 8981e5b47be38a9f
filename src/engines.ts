// A part of the composition root: from what the operator named to an engine, with the login AWS has for it.
import type { Descriptions, EngineReader, Secret } from './aws/index.ts'
import { checkAuthorities, type DialTarget, type Settings, type Trust } from './dial/index.ts'
import {
  isMysqlUri,
  mysqlEngine,
  mysqlTarget,
  mysqlTrust,
  readErrorLogStream,
  redactMysql,
} from './engine/mysql/index.ts'
import {
  type PostgresTarget,
  postgresEngine,
  postgresTarget,
  postgresTrust,
  readLogStream,
  redactPostgres,
} from './engine/postgres/index.ts'
import { AppError, type Engine, type EngineName } from './model/index.ts'

/** Stronger than what the target says of the same. */
interface LoginOptions {
  /** PEM file of the authorities to trust. */
  sslCa?: string
  /** A fresh token of IAM is the password. */
  iam?: boolean
  /** Name or ARN of a secret in Secrets Manager. */
  secret?: string
  region?: string
  profile?: string
  roleArn?: string
}

export interface EngineOptions extends LoginOptions {
  vcpus?: number
}

/** What each engine can do with what AWS has of its databases. */
export const CLOUD_READERS: Record<EngineName, EngineReader> = {
  postgres: { redact: redactPostgres, readLog: readLogStream },
  mysql: { redact: redactMysql, readLog: readErrorLogStream },
  mariadb: { redact: redactMysql, readLog: readErrorLogStream },
}

/** A database by URI, key=value, secret or environment. Throws AppError. */
export const engineAt = async (
  text: string | undefined,
  env: NodeJS.ProcessEnv,
  { vcpus, ...login }: EngineOptions,
  descriptions?: Descriptions,
): Promise<Engine> => {
  const options = vcpus === undefined ? {} : { vcpus }
  const given = (text ?? env.DATABASE_URL ?? '').trim()
  if (/^rds:/i.test(given)) {
    const { rdsEndpoint } = await import('./aws/index.ts')
    const { uri, ...found } = await rdsEndpoint(given, login, env, descriptions)
    return engineAt(uri, env, { ...found, ...(vcpus === undefined ? {} : { vcpus }), ...login })
  }
  // A secret can say by itself where the database is.
  const secret = given === '' && login.secret !== undefined ? await read(login.secret, login, env) : undefined
  const named = secret === undefined ? given : schemeOf(secret)
  const settings = settingsOf(login)
  if (!isMysqlUri(named)) return postgresEngine(await postgresAt(named, env, settings, secret), options)

  const parse = (said: Settings) => mysqlTarget(named, env, { settings, secret: said })
  const target = await withSource(parse, env, secret)
  await checkTrust(mysqlTrust(target))
  return mysqlEngine(target, options)
}

/** Throws AppError. */
export const postgresAt = async (
  text: string,
  env: NodeJS.ProcessEnv,
  settings: Settings = {},
  secret?: Secret,
): Promise<PostgresTarget> => {
  const parse = (said: Settings) => postgresTarget(text, env, { settings, secret: said })
  const target = await withSource(parse, env, secret)
  await checkTrust(postgresTrust(target))
  return target
}

/** The options in a target's words. */
const settingsOf = ({ sslCa, iam, secret, region, profile }: LoginOptions): Settings =>
  Object.fromEntries(
    Object.entries({ sslCa, auth: iam ? 'iam' : undefined, secret, region, profile }).flatMap(
      ([name, value]) => (value === undefined ? [] : [[name, value]]),
    ),
  )

/** `postgres` and `aurora-postgresql` need no scheme: what the environment says of a place fills the gaps. */
const schemeOf = ({ engine, settings }: Secret): string => {
  if (settings.host === undefined || engine === undefined) {
    throw new AppError(
      'target-missing',
      'the secret holds a login, and does not say of which database',
      'name the database beside it: postgres://host/database or mysql://host/database',
    )
  }
  return /mysql|mariadb|^aurora$/i.test(engine) ? `${/maria/i.test(engine) ? 'mariadb' : 'mysql'}://` : ''
}

/** What cannot be signed or read is said here, before anything is watched. */
const withSource = async <T extends DialTarget>(
  parse: (secret: Settings) => T,
  env: NodeJS.ProcessEnv,
  known: Secret | undefined,
): Promise<T> => {
  const target = parse(known?.settings ?? {})
  const { aws, host, port, user } = target
  if (aws.secret !== undefined) {
    const { settings, source } = known ?? (await read(aws.secret, { ...aws, host }, env))
    return Object.assign(parse(settings), { source })
  }
  if (!aws.iam) return target
  const { iamLogin } = await import('./aws/index.ts')
  const source = iamLogin({ ...aws, host, port, user }, env)
  await source.login()
  return Object.assign(target, { source })
}

const read = async (
  id: string,
  { region, profile, host }: { region?: string; profile?: string; host?: string },
  env: NodeJS.ProcessEnv,
): Promise<Secret> => {
  const { openSecret } = await import('./aws/index.ts')
  const near = { ...(region && { region }), ...(profile && { profile }), ...(host && { host }) }
  return openSecret(id, near, env)
}

/** A file of authorities that cannot be read is the operator's mistake, and no failure of the database. */
const checkTrust = async ({ authorities }: Trust): Promise<void> => {
  if (typeof authorities === 'object') await checkAuthorities(authorities.file)
}
