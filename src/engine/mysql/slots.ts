// The ceilings: max_connections, which one administrator may exceed by one, and the limits of accounts.
import type { Limits } from '../../model/index.ts'

export interface RawLimits {
  maxConnections: string | number
  /** For every account that has no limit of its own; 0 for none. */
  maxUserConnections: string | number
}

/** The limits that somebody set, by user; of several accounts of one name the least. Needs SELECT on mysql.user. */
export const ACCOUNT_LIMITS_SQL = `/* spillway */
select user as name, min(max_user_connections) as least from mysql.user
  where max_user_connections > 0 group by user limit 10000`

/**
 * `users` are those seen: the server-wide limit holds for each of them. The administrator's slot is no ordinary one:
 * max_connections does not count it.
 */
export const limitsOf = (
  raw: RawLimits,
  accounts: ReadonlyMap<string, number>,
  users: Iterable<string>,
): Limits => {
  const limits: Limits = { maxConnections: Number(raw.maxConnections), reserved: {} }
  const roleLimits = Object.fromEntries(accounts)
  const everybody = Number(raw.maxUserConnections)
  if (everybody > 0) for (const user of users) roleLimits[user] ??= everybody
  return Object.keys(roleLimits).length > 0 ? { ...limits, roleLimits } : limits
}
