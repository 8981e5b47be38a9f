// What the lab does by its own hand where a plan tells the operator what to do: plain data for the process of the lab.
import type { FaultStep } from '../scenario.ts'

export type Order =
  /** What was broken is made whole, as a deploy of the right version would; absent: all of it. */
  | { do: 'mend'; steps?: FaultStep['do'][] }
  /** Nothing is done, and somebody goes on watching. */
  | { do: 'wait' }
  /** Pools of these applications get another size. */
  | { do: 'resize'; sizes: PoolSize[] }
  /** A PgBouncer of these settings comes between the services and the server. */
  | { do: 'put-pooler'; settings: Record<string, string> }
  /** So many replicas follow the server, and the services read there that share of what stands alone. */
  | { do: 'put-replicas'; replicas: number; share: number }
  /** The pools of the PgBouncer before the server get another size. */
  | { do: 'set-pooler'; size: number }
  /** Somebody ends that session, whatever it does by now. */
  | { do: 'end'; session: string }
  /** The server's storage and memory get back what was taken from them. */
  | { do: 'lift' }
  /** The server may use so many cores. */
  | { do: 'cores'; cores: number }
  /** An administrator runs these statements. */
  | { do: 'run'; statements: string[] }
  /** What is wrong is ended, every pool opens its connections anew, and then the same goes wrong once more. */
  | { do: 'reconnect' }
  /** The server starts anew, and then the same goes wrong once more: what is wrong with an application stays so. */
  | { do: 'restart' }

export interface PoolSize {
  user: string
  /** Empty: all pools of the user together. */
  application: string
  size: number
}
