// What PgBouncer says → the common word. It is never translated, and up to 1.18 one code stands for everything, the
// server's own refusals included. https://github.com/pgbouncer/pgbouncer/blob/master/src/client.c and objects.c
import type { Failure } from '../../model/index.ts'
import { slotFailure, stateFailure } from './serverfailure.ts'

export const poolerFailure = (message: string): Failure => {
  // "server login has been failing, cached error: …": what the pooler met itself, which tells more.
  const told = message.replace(/^server login has been failing, cached error: /, '')
  const meaning = MEANINGS.find(([pattern]) => pattern.test(told))?.[1] ?? 'unclassified'
  return typeof meaning === 'function' ? meaning(told) : meaning
}

/** PgBouncer forwards no routine: English text only. */
const MEANINGS: [RegExp, Failure | ((message: string) => Failure)][] = [
  [/no more connections allowed|^query_wait_timeout|^too many servers in the pool/, 'slots-exhausted'],
  [/max_db_client_connections/, 'database-limit'],
  [/max_user_client_connections/, 'role-limit'],
  [/too many connections|too many clients|slots are reserved/, message => slotFailure({ message })],
  [/authentication failed|no such user/, 'authentication-failed'],
  [/the database system is /, stateFailure],
  [/no such database|^database ".*" does not exist/, 'database-unknown'],
  [/^SSL required|^TLS connection required/, 'tls-required'],
  [/^(?:FATAL )?(?:connect failed|cannot connect)/, 'connection-refused'],
  [/DNS lookup failed/, 'name-not-resolved'],
  [/^client_login_timeout|^connect timeout/, 'handshake-timeout'],
  // The admin console, to others than its users.
  [/^not allowed$|login rejected|^database ".*" is disabled|pg_hba\.conf/, 'not-permitted'],
  [/^unsupported startup parameter/i, 'not-permitted'],
  [/^role ".*" (?:does not exist|is not permitted to log in)/, 'not-permitted'],
  [/^client sent partial pkt in startup phase|^bad packet/, 'not-this-protocol'],
  [
    /^server conn crashed|^(?:idle[ _]transaction|query|transaction)[ _]timeout|^client_idle_timeout/,
    'session-ended',
  ],
]
