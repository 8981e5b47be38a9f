// How a target says that AWS knows the login: a token of IAM for each connection, or a secret.
import { unparsable } from './number.ts'

/** Names and values of a target: host, port, user, password, database, sslCa, and the engine's own. */
export type Settings = Readonly<Record<string, string>>

export interface AwsLogin {
  /** A fresh token of IAM is the password. */
  iam: boolean
  /** Name or ARN of a secret that holds user and password. */
  secret?: string
  /** Where to sign and to ask; found out when absent. */
  region?: string
  /** Of the shared AWS configuration. */
  profile?: string
}

/** Takes `auth`, `secret`, `region` and `profile`; one way to log in at a time. Throws AppError `target-unparsable`. */
export const awsLogin = (typed: Settings, secret: Settings): AwsLogin => {
  const { auth = 'password', password, user, region, profile } = typed
  if (auth !== 'iam' && auth !== 'password') throw unparsable('unknown auth', 'auth=iam, or none')
  const ways = [auth === 'iam' && 'IAM', typed.secret && 'a secret', password && 'a password'].filter(Boolean)
  if (ways.length > 1) {
    throw unparsable(`${ways.join(' and ')} were both given`, 'name one way to log in')
  }
  if (user !== undefined && secret.user !== undefined && user !== secret.user) {
    throw unparsable(
      `the target says user ${user}, and the secret has another one`,
      'leave the user out of the target, or name a secret of that user',
    )
  }
  return {
    iam: auth === 'iam',
    ...(typed.secret !== undefined && { secret: typed.secret }),
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
  }
}
