// Where the connection dies: what the probes prove about the path, the server and its slots.
import type { Failure, ProbeResult } from '../model/index.ts'

const WHAT_FAILS: Record<Failure, string> = {
  'name-not-resolved': 'the host name does not resolve',
  'connection-refused': 'nothing listens on that port (the host answers)',
  'connect-timeout': 'no answer to TCP connect: a security group, a route or a firewall drops it',
  unreachable: 'there is no route to the host',
  'connection-reset': 'the connection is reset before the server has answered',
  'handshake-timeout': 'the server takes the connection and then says nothing',
  'not-this-protocol': 'what answers there does not speak the protocol of the database',
  'tls-unsupported': 'the server offers no TLS',
  'tls-required': 'the server takes no connection without TLS',
  'tls-certificate': "the server's certificate is not accepted",
  'authentication-failed': 'the role or its password is refused',
  'not-permitted': 'no rule of the server (pg_hba.conf, the account) permits such a connection',
  'host-blocked': 'the server has blocked this host after too many broken handshakes',
  'database-unknown': 'there is no such database',
  'slots-exhausted': 'all connection slots are taken',
  'reserved-slots-only': 'only reserved connection slots are left',
  'role-limit': 'the role has used up its own connection limit',
  'database-limit': 'the database has used up its own connection limit',
  'client-pool-timeout': "the application's own pool has no connection free in time",
  'server-starting': 'the server is starting up or recovering',
  'server-stopping': 'the server is shutting down',
  'session-ended': 'the server ends the session',
  'out-of-memory': 'the server has no memory for another session',
  'query-failed': 'the session opens, but its first query fails',
  'query-timeout': 'the session opens, but its first query gets no answer',
  unclassified: 'for a reason not known to Spillway',
}

/** How a connection fails, in words. */
export const failureWords = (failure: Failure): string => WHAT_FAILS[failure]

/** How most of the failing attempts fail, in words. */
export function whatFails(probes: readonly ProbeResult[]): { failure: Failure; words: string } | undefined {
  const counts = new Map<Failure, number>()
  for (const { failure } of probes) if (failure) counts.set(failure, (counts.get(failure) ?? 0) + 1)
  const failure = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
  return failure && { failure, words: WHAT_FAILS[failure] }
}
