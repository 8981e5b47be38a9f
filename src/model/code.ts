// The codes of causes and remedies. Codes are stable; text is not.

/** Causes that sampled sessions tell. The lab provokes each. */
export const SESSION_CAUSES = [
  'idle-in-transaction',
  'lock-contention',
  'connection-leak',
  'pools-oversubscribed',
  'role-limit',
  'query-regression',
  'load-surge',
] as const

/** What a finding can name. Each has a file under diagnosis/cause/ and a page under docs/finding/. */
export const CAUSES = [
  ...SESSION_CAUSES,
  // Counters tell these.
  'cpu-starvation',
  'io-saturation',
  'buffer-pool-small',
  'commit-stall',
  'flush-stall',
  'write-amplification',
  'backup',
  'bulk-load',
  'network-degraded',
  // Attempts, logs, poolers and the cloud tell these, and some of them sessions or counters as well.
  'network-unreachable',
  'tls-failure',
  'auth-failure',
  'host-blocked',
  'server-restarting',
  'storage-full',
  'replication-lag',
  'pooler-exhausted',
  'client-pool-starved',
  'connection-storm',
  'internal-contention',
  'memory-pressure',
] as const

export type Cause = (typeof CAUSES)[number]

export type Outcome = 'healthy' | 'diagnosed' | 'unknown' | 'insufficient-data'

/** Codes of the remedies. Each has a file under remedy/catalogue/ and a page under docs/remedy/. */
export const REMEDIES = [
  'wait',
  'end-session',
  'cancel-statement',
  'role-limit',
  'security-group-rule',
  'parameter-group',
  'idle-in-transaction-timeout',
  'idle-session-timeout',
  'lock-timeout',
  'statement-timeout',
  'connect-timeout',
  'pool-size',
  'pooler',
  'mend-statement',
  'mend-outside',
  'buffer-pool',
  'storage',
  'scale-up',
  'scale-out',
  'max-connections',
  'reserved-slots',
] as const

export type RemedyCode = (typeof REMEDIES)[number]
