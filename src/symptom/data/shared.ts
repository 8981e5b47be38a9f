// Causes and notes that many symptoms have in common.
import type { PossibleCause } from '../symptom.ts'

export const NAME_UNKNOWN: readonly PossibleCause[] = [
  { code: 'network-unreachable', text: 'host name misspelt' },
  { code: 'network-unreachable', text: 'instance deleted or renamed' },
  { code: 'network-unreachable', text: 'private hosted zone not associated with this VPC' },
  { code: 'network-unreachable', text: 'DNS switched off in the VPC' },
  { code: 'network-unreachable', text: 'endpoint of another region' },
]

export const REFUSED: readonly PossibleCause[] = [
  { code: 'network-unreachable', text: 'wrong port' },
  { code: 'server-restarting', text: 'server restarting or crashed' },
  { code: 'server-restarting', text: 'failover in progress' },
  { code: 'network-unreachable', text: 'instance stopped' },
  { code: 'connection-storm', text: 'accept queue full with tcp_abort_on_overflow (rare)' },
  { text: 'pooler down' },
]

export const TIMED_OUT: readonly PossibleCause[] = [
  { code: 'network-unreachable', text: 'no rule in the security group' },
  { code: 'network-unreachable', text: 'network ACL denies it (the ephemeral ports back included)' },
  { code: 'network-unreachable', text: 'route table, peering or transit gateway' },
  { code: 'network-unreachable', text: 'not publicly accessible, called from the internet' },
  { code: 'network-unreachable', text: 'wrong subnets' },
  { code: 'connection-storm', text: 'accept queue full: SYN dropped in a connection storm' },
  { code: 'cpu-starvation', text: 'host hung' },
]

export const NOT_READY: readonly PossibleCause[] = [
  ...TIMED_OUT,
  { code: 'cpu-starvation', text: 'authentication or start of the backend slow for want of CPU' },
  { code: 'network-degraded', text: 'TLS handshake slow' },
]

export const NO_SLOT: readonly PossibleCause[] = [
  { text: 'max_connections too low' },
  { code: 'pools-oversubscribed', text: 'no pooler' },
  { code: 'pools-oversubscribed', text: 'a pool in each process, many processes' },
  { code: 'connection-leak', text: 'connections leaked' },
  { code: 'idle-in-transaction', text: 'sessions idle in transaction pile up' },
  { code: 'lock-contention', text: 'sessions kept busy by waits for locks (high AAS)' },
  { code: 'load-surge', text: 'sessions kept busy by IO or CPU (high AAS)' },
  { code: 'connection-storm', text: 'storm of a deploy or of retries' },
]

export const MYSQL_NO_SLOT: readonly PossibleCause[] = [
  ...NO_SLOT,
  { code: 'connection-leak', text: 'wait_timeout of 28,800 s keeps leaked sessions' },
]

export const PROXY_BUSY: readonly PossibleCause[] = [
  { code: 'pooler-exhausted', text: 'all connections of the proxy busy: MaxConnectionsPercent reached' },
  { code: 'pooler-exhausted', text: 'sessions pinned' },
  { code: 'pooler-exhausted', text: 'ConnectionBorrowTimeout (120 s) passed' },
  { code: 'server-restarting', text: 'target down or failing over' },
  { code: 'load-surge', text: 'slow statements pile up (high AAS)' },
]

export const POOL_STARVED: readonly PossibleCause[] = [
  { code: 'client-pool-starved', text: 'pool too small for the concurrency' },
  {
    code: 'load-surge',
    text: 'connections held too long: slow statements (AAS), lock waits, calls elsewhere within a transaction',
  },
  { code: 'connection-leak', text: 'connections not given back' },
  { text: 'the database refuses new connections (then a cause is chained)' },
  { code: 'client-pool-starved', text: 'pool smaller than the number of workers' },
]

export const POOL_NOTE =
  'Says nothing about the server: a pool can starve while the server has far fewer connections than max_connections.'
