// What the lab does by its own hand where a plan tells the operator what to do: plain data for the process of the lab.

export type Order =
  /** What was broken is made whole, as a deploy of the right version would. */
  | { do: 'mend' }
  /** Pools of these applications get another size. */
  | { do: 'resize'; sizes: PoolSize[] }
  /** A PgBouncer of these settings comes between the services and the server. */
  | { do: 'put-pooler'; settings: Record<string, string> }
  /** A replica follows the server, and the services read there what stands alone. */
  | { do: 'put-replica' }
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
