// A secret of Secrets Manager as RDS makes them: where the database is and who logs in; read anew after a rotation.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
import { rdsRegion, type Settings } from '../dial/index.ts'
import { AppError, type Login, type LoginSource } from '../model/index.ts'
import { type Identity, regionOf } from './account/identity.ts'
import { Account } from './account/index.ts'

export interface Secret {
  /** `postgres`, `mysql`, `mariadb`; absent where the secret holds a login and nothing else. */
  engine?: string
  /** Host, port, database and user, as far as the secret names them. */
  settings: Settings
  source: LoginSource
}

/** `host` of the database: a secret is most likely where that is. */
interface SecretAccount extends Identity {
  host?: string
}

/** Longest time that one look at a secret may take, credentials included, milliseconds. */
const READ_MS = 10_000

/** After a look that brought nothing new there is no other for this long, milliseconds. */
const REST_MS = 10_000

/**
 * By name or ARN. Throws AppError `credentials-missing`, `secret-unreadable`, `no-answer` or `option-invalid`; nothing of
 * the secret is ever part of the message.
 */
export const openSecret = async (
  id: string,
  account: SecretAccount,
  env: NodeJS.ProcessEnv,
): Promise<Secret> => {
  const read = await reader(id, account, env)
  const first = await read()
  let login = loginIn(first, id)
  const engine = textOf(first.engine)
  let restUntil = 0
  let looking: Promise<void> | undefined

  const look = async (signal: AbortSignal | undefined) => {
    const found = loginIn(await read(signal), id)
    if (isSame(found, login)) restUntil = performance.now() + REST_MS
    login = found
  }
  return {
    ...(engine !== undefined && { engine }),
    settings: settingsIn(first),
    source: {
      kind: 'secret',
      login: async () => login,
      renewed: async (refused, signal) => {
        if (isSame(refused, login) && performance.now() >= restUntil) {
          looking ??= look(signal).finally(() => {
            looking = undefined
          })
          await looking
        }
        return isSame(refused, login) ? undefined : login
      },
    },
  }
}

type Fields = Record<string, unknown>

const reader = async (id: string, { host, ...identity }: SecretAccount, env: NodeJS.ProcessEnv) => {
  const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager')
  const arnRegion = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(id)?.[1]
  const where = [identity.region, arnRegion, env.AWS_REGION, env.AWS_DEFAULT_REGION, rdsRegion(host ?? '')]
  const account = new Account({ ...identity, ...regionOf(...where) }, env)
  const command = new GetSecretValueCommand({ SecretId: id })
  return async (signal?: AbortSignal): Promise<Fields> => {
    const { SecretString } = await account
      .call('secretsmanager:GetSecretValue', (secrets, o) => secrets.send(command, o), signal, READ_MS)
      .catch((error: unknown) => {
        throw ofSecret(error, id)
      })
    return fieldsOf(SecretString, id)
  }
}

/** Who is known and let in, and still has no answer, cannot read this secret. */
const ofSecret = (error: unknown, id: string): unknown =>
  error instanceof AppError && (error.code === 'aws-denied' || error.code === 'aws-refused')
    ? new AppError(
        'secret-unreadable',
        `the secret ${id} was not read: ${error.message}`,
        'it takes secretsmanager:GetSecretValue, and kms:Decrypt where the secret has a key of its own; --region and --profile decide where it is looked for',
        error,
      )
    : error

const fieldsOf = (text: string | undefined, id: string): Fields => {
  try {
    const fields: unknown = JSON.parse(text ?? '')
    if (typeof fields === 'object' && fields !== null) return fields as Fields
  } catch {
    // Said below, without the parser's words: they quote the text.
  }
  throw unreadable(id, 'it is no JSON object')
}

const loginIn = ({ username, password }: Fields, id: string): Login => {
  const [user, word] = [textOf(username), textOf(password)]
  if (user === undefined || word === undefined) throw unreadable(id, 'it holds no username and password')
  return { user, password: word }
}

const settingsIn = ({ username, host, port, dbname }: Fields): Settings => {
  const settings = { user: username, host, port, database: dbname }
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => {
      const text = textOf(value)
      return text === undefined ? [] : [[name, text]]
    }),
  )
}

/** RDS writes the port as a number, people as text. */
const textOf = (value: unknown): string | undefined =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined

const isSame = (a: Login, b: Login): boolean => a.user === b.user && a.password === b.password

const unreadable = (id: string, why: string): AppError =>
  new AppError(
    'secret-unreadable',
    `the secret ${id} is not one of a database: ${why}`,
    'RDS makes them as {"username": …, "password": …, "host": …, "port": …, "dbname": …, "engine": …}',
  )
