// The least account that Spillway needs, as the SQL that makes it.
import type { Facts } from './facts.ts'
import { quoteAccount } from './failure.ts'

/**
 * Three connections: the held one, a probe, and one that a dead client may leave hanging. PROCESS shows all sessions and open
 * transactions, the performance schema statements and lock waits, mysql.user the limits of accounts. Nothing of it can write.
 */
export function grants({ flags }: Pick<Facts, 'flags'>, role: string): string[] {
  const account = quoteAccount(role)
  const admin = flags.mariaDb ? 'CONNECTION ADMIN' : 'CONNECTION_ADMIN'
  return [
    `CREATE USER ${account} IDENTIFIED BY '…' WITH MAX_USER_CONNECTIONS 3;`,
    `GRANT PROCESS ON *.* TO ${account};`,
    `GRANT SELECT ON performance_schema.* TO ${account};`,
    `GRANT SELECT ON mysql.user TO ${account};`,
    `-- only to end sessions and for the spare slot (before MySQL 8: SUPER): GRANT ${admin} ON *.* TO ${account};`,
  ]
}
