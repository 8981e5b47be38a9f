// What the lab and its child process say to each other: commands one way, reports the other.
import type { ErrorCode } from '../model/index.ts'
import type { Injection } from './fault/step.ts'
import type { Scenario } from './scenario.ts'
import type { ServiceTraffic } from './traffic.ts'
import type { Order } from './treatment/order.ts'

/** Each is answered by one `done` or `failed` with its `id`. */
export type Command = { id: number } & (
  | { do: 'start'; scenario: Scenario; seed: number }
  | { do: 'inject-fault' }
  | { do: 'end-fault' }
  | { do: 'carry-out'; order: Order }
  | { do: 'stop' }
)

export type Report =
  | { say: 'done'; id: number; answer: Started | Injection | undefined }
  | { say: 'failed'; id: number; code: ErrorCode; message: string; hint: string }
  | { say: 'traffic'; services: ServiceTraffic[] }
  /** A service was refused for want of a slot for the first time since the fault; epoch milliseconds. */
  | { say: 'refused'; t: number }

export interface Started {
  /** For the observer. */
  url: string
  /** For somebody who may do everything; holds a password. */
  adminUrl: string
  serverVersion: string
  witness: Witnesses
}

/** Who else could tell the observer of other clients. */
export interface Witnesses {
  /** File of the server's log. */
  log?: string
  /** Logs of applications, as `name=file`. */
  applicationLog?: string[]
  /** PgBouncer's admin console. */
  pgbouncer?: string
}
