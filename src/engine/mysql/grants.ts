// The least account that Spillway needs, as the SQL that makes it.
import type { Facts } from './facts.ts'
import { quoteAccount } from './failure.ts'

/**
 * Three connections: the held one, a probe, and one that a dead client may leave hanging. PROCESS shows all sessions and
 * open transactions, the performance schema statements and lock waits, mysql.user the limits of accounts. Nothing of it
 * can write. Locked until somebody gives it a password: without one it would be open to everybody.
 */
export const grants = ({ flags: { mariaDb, rds } }: Pick<Facts, 'flags'>, role: string): string[] => {
  const account = quoteAccount(role)
  const admin = mariaDb ? 'CONNECTION ADMIN' : 'CONNECTION_ADMIN'
  const identified = rds ? "identified with AWSAuthenticationPlugin as 'RDS'" : "identified by '…'"
  return [
    `create user ${account} with max_user_connections 3 account lock;`,
    `-- alter user ${account} ${identified} account unlock;`,
    `grant process on *.* to ${account};`,
    `grant select on performance_schema.* to ${account};`,
    `grant select (user, max_user_connections) on mysql.user to ${account};`,
    `-- only on a replica, to see how far it is behind: grant ${mariaDb ? 'replica monitor' : 'replication client'} on *.* to ${account};`,
    rds
      ? `-- only to end sessions (spillway apply): grant execute on procedure mysql.rds_kill to ${account};`
      : `-- only to end sessions (spillway apply), and for a slot when all others are taken: grant ${admin} on *.* to ${account};`,
  ]
}
