// How many connections an account may have: what it is, and how it is changed on purpose. An account is a user from a host;
// what is known of sessions and plans is the user, so that all accounts of that name are taken together.
import {
  type ActionResult,
  AppError,
  CONNECTION_LIMIT,
  type Setting,
  type SettingChange,
  type Whose,
} from '../../model/index.ts'
import type { Facts } from './facts.ts'
import { quoteAccount } from './failure.ts'
import { type Ask, errnoOf } from './wire.ts'

interface Account {
  host: string
  /** 0: none of its own. */
  most: string | number
}

/** The most that the server takes. */
const MOST = /^\d{1,9}$/
/** No such privilege on the table, on the column, on the server. */
const NOT_ALLOWED = [1044, 1142, 1143, 1227]

/** Whether a setting is the limit of somebody, and not a variable. */
export const isLimit = (name: string, whose: Whose | undefined): whose is { role: string } =>
  name === CONNECTION_LIMIT && whose !== undefined && 'role' in whose

/**
 * An account without a limit of its own has the server's for every account; of several with different ones nobody can tell which is
 * meant. Throws AppError: `setting-unknown`, `step-refused`, `privilege-missing`.
 */
export const readLimit = async (ask: Ask, facts: Facts, role: string): Promise<Setting> => {
  const accounts = await accountsOf(ask, facts, role)
  const limits = new Set(accounts.map(({ most }) => Number(most)))
  if (limits.size > 1)
    throw new AppError(
      'step-refused',
      `the ${accounts.length} accounts named ${role} have different limits`,
      'Say it for one of them: ALTER USER … WITH MAX_USER_CONNECTIONS.',
    )
  const [own = 0] = limits
  const [[row] = []] = await ask<{ value: string | number }>(
    '/* spillway */ select @@global.max_user_connections as value',
  )
  const everybody = Number(row?.value ?? 0)
  return {
    value: numberOrNone(own || everybody),
    kept: numberOrNone(own),
    needsRestart: false,
    waitsForRestart: false,
    isSame: (a, b) => Number(a ?? 0) === Number(b ?? 0),
  }
}

/** One statement for all accounts of that name; null takes away what was set. Throws AppError as `readLimit` does. */
export const setLimit = async (
  ask: Ask,
  facts: Facts,
  role: string,
  value: SettingChange['value'],
): Promise<ActionResult> => {
  if (value !== null && !MOST.test(value))
    throw new AppError('step-refused', `${value} is no limit of connections`, 'Give a whole number.')
  const accounts = await accountsOf(ask, facts, role)
  const names = accounts.map(({ host }) => `${literal(role)}@${literal(host)}`).join(', ')
  const to = value ?? '0'
  try {
    // A statement of DDL ends what is said of the next transaction alone.
    await ask('/* spillway */ set session transaction read write')
    await ask(`/* spillway */ alter user ${names} with max_user_connections ${to}`)
  } catch (error) {
    if (!NOT_ALLOWED.includes(errnoOf(error))) throw error
    throw privilegeMissing(facts, `change account ${role}`, 'CREATE USER ON *.*', error)
  } finally {
    // A connection that is gone needs no such care.
    await ask('/* spillway */ set session transaction read only').catch(() => undefined)
  }
  const message = `${CONNECTION_LIMIT} of ${role} is ${to === '0' ? 'the one of the server' : to}`
  return { done: true, status: 'done', message }
}

const accountsOf = async (ask: Ask, facts: Facts, role: string): Promise<Account[]> => {
  let accounts: Account[]
  try {
    // A role of MariaDB stands among them, without a host.
    ;[accounts = []] = await ask<Account>(
      `/* spillway */ select host as host, max_user_connections as most from mysql.user where user = ${literal(role)}${facts.flags.mariaDb ? " and host <> ''" : ''}`,
    )
  } catch (error) {
    if (!NOT_ALLOWED.includes(errnoOf(error))) throw error
    throw privilegeMissing(facts, 'read the limits of accounts', 'SELECT ON mysql.user', error)
  }
  if (accounts.length > 0) return accounts
  throw new AppError('setting-unknown', `there is no account named ${role}`, 'mysql.user lists them')
}

const numberOrNone = (limit: number): string | null => (limit > 0 ? String(limit) : null)

const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

const privilegeMissing = (
  { target: { user = '' } }: Facts,
  what: string,
  privilege: string,
  cause: unknown,
): AppError =>
  new AppError(
    'privilege-missing',
    `account ${quoteAccount(user)} may not ${what}`,
    `GRANT ${privilege} TO ${quoteAccount(user)}`,
    cause,
  )
