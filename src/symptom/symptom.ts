// What is known about one symptom: a code or a text that somebody meets when connecting fails.
import type { Cause, EngineName } from '../model/index.ts'

/** Where in the way of a connection it arises, outermost first. */
export type Layer = keyof typeof LAYERS

/** The layers and what each of them is. */
export const LAYERS = {
  dns: 'name resolution',
  tcp: 'TCP: route, security group, network ACL, listener',
  'tcp-or-handshake': 'a timer ended before the session was ready: TCP or the first bytes',
  'tcp-after-connect': 'an open connection was reset',
  handshake: 'TCP is open, no greeting of the protocol',
  tls: 'negotiation of TLS, certificate',
  'tls-policy': 'the server insists on TLS',
  auth: 'credentials, pg_hba.conf, name of the database',
  'host-blocked': "MySQL's host cache",
  slots: 'max_connections',
  'limit-role': 'limit of a role',
  'limit-db': 'limit of a database',
  'limit-user': 'limit of an account',
  memory: 'memory or threads of the operating system',
  storage: 'storage',
  'server-state': 'the server is starting, stopping or recovering',
  'session-ended': 'an established session ended',
  statement: 'only the statement failed',
  'proxy-pool': 'RDS Proxy could not borrow a connection',
  'proxy-limit': 'limits of RDS Proxy for its clients',
  'proxy-target': 'health of the targets of RDS Proxy',
  proxy: 'RDS Proxy, other',
  'pooler-limit': "PgBouncer's limit for clients",
  'pooler-pool': "PgBouncer's pool of server connections",
  'pooler-server': 'PgBouncer cannot log in to the server',
  'pooler-config': 'configuration of PgBouncer',
  'app-pool': 'the wait for a pool in the application',
  'local-socket': 'configuration of the client',
} as const

export const MYSQL_FAMILY: readonly EngineName[] = ['mysql', 'mariadb']

/** The codes of causes; those beyond `Cause` have no rule in the diagnosis. */
type CauseCode =
  | Cause
  | 'auth-failure'
  | 'client-pool-starved'
  | 'connection-storm'
  | 'cpu-starvation'
  | 'host-blocked'
  | 'memory-pressure'
  | 'network-degraded'
  | 'network-unreachable'
  | 'pooler-exhausted'
  | 'replication-lag'
  | 'server-restarting'
  | 'storage-full'
  | 'tls-failure'

export interface PossibleCause {
  code?: CauseCode
  text: string
}

export interface Symptom {
  id: string
  engines: readonly EngineName[]
  /** Who says it. */
  emittedBy: string
  layer: Layer
  /** SQLSTATE, errno name, MySQL error number and name, TLS code: what the peer or the driver gives as the code. */
  codes: readonly string[]
  /** Where a SQLSTATE comes besides. */
  sqlstate?: string
  /** How it is worded; `<name>` stands for what changes. */
  messages: readonly string[]
  /** Words that nothing else says. Matched on one line, without regard to case. Repeats nothing without a bound. */
  text?: RegExp
  /** Words that mean it only when they are the whole message. */
  alone?: string
  /** What it proves to have worked. */
  fine: readonly string[]
  /** What it proves to have failed. */
  failed: string
  causes: readonly PossibleCause[]
  note?: string
  /** True for words around another error: what they enclose tells more. */
  outer?: boolean
  /** `live:` was captured from real servers; others name where it was read, or say that it is not verified. */
  source: string
}
