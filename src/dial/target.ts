// What the targets of all engines have in common, made of the operator's words.
import type { LoginSource } from '../model/index.ts'
import { type AwsLogin, awsLogin, type Settings } from './choice.ts'
import { integer, unparsable } from './number.ts'

export interface DialTarget {
  /** Name, address, or a path of a Unix socket. */
  host: string
  /** Where to connect to, when not to what `host` resolves to. */
  address?: string
  port: number
  user: string
  /** Not enumerable: printing a target must not show it. */
  password?: string
  /** PEM file of the authorities to trust; `system` for those of Node. */
  authority?: string
  /** Bound of each phase of connecting, milliseconds. */
  connectTimeoutMs?: number
  /** How AWS says who logs in; `source` then brings it. */
  aws: AwsLogin
  source?: LoginSource
}

/** The same of every engine, as text. */
interface Words {
  host?: string
  hostaddr?: string
  port?: string
  user?: string
  authority?: string
  connectTimeout?: string
}

interface Defaults {
  port: number
  user: string
}

/** `typed` and `secret` decide how to log in. Throws AppError `target-unparsable`. */
export const dialTarget = (
  words: Words,
  { typed, secret }: { typed: Settings; secret: Settings },
  defaults: Defaults,
  env: NodeJS.ProcessEnv,
): DialTarget => {
  const { hostaddr, authority } = words
  const host = words.host ?? hostaddr ?? 'localhost'
  if (host.includes(',')) throw unparsable('more than one host was named', 'name the one server to look at')
  const seconds = integer('connect_timeout', words.connectTimeout ?? '0', 0, 3_600)
  return {
    host,
    ...(hostaddr !== undefined && { address: hostaddr }),
    port: integer('port', words.port ?? String(defaults.port), 1, 65_535),
    user: words.user ?? env.USER ?? env.LOGNAME ?? defaults.user,
    ...(authority !== undefined && { authority }),
    ...(seconds > 0 && { connectTimeoutMs: seconds * 1_000 }),
    aws: awsLogin(typed, secret),
  }
}

/** `user@host:port`, as a name of the target begins. */
export const placeName = ({ user, host, port }: DialTarget): string =>
  `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`

/** The same target, with a password that is not shown. */
export const withPassword = <T extends DialTarget>(target: T, password: string | undefined): T =>
  password === undefined
    ? target
    : Object.defineProperty(target, 'password', { value: password, enumerable: false })
