// What an incident of the lab is made of: plain data, so that it can be read, changed and handed to another process.
import type { Cause } from '../model/index.ts'

/** A database, the services that use it, one fault, and what a diagnosis has to find. */
export interface Scenario {
  name: string
  /** One line. */
  title: string
  /** Server settings on top of the defaults. */
  settings: Record<string, string | number>
  /** Run in order by the role `deploy`, which owns the database, before the services start. */
  schema: string[]
  services: ServiceSpec[]
  /** Empty: nothing breaks. */
  fault: FaultStep[]
  /** Null: nothing is wrong, and a diagnosis must say so. */
  truth: Truth | null
  /** How long the services run in peace before the fault, in milliseconds. */
  baselineMs: number
}

export interface Truth {
  cause: Cause
  kind?: string
  /** Causes that are true as well, though not the root. */
  also: Cause[]
}

/** An application with its own role and its own pools. Its name is role and `application_name`. */
export interface ServiceSpec {
  name: string
  pool: PoolSpec
  /** Copies of the application, each with a pool of its own, named `web-1`, `web-2`, …; absent: one, named `web`. */
  instances?: number
  /** `CONNECTION LIMIT` of the role. */
  roleLimit?: number
  requests: RequestSpec[]
}

/** As an application configures it. Requests beyond `max` wait, up to a deadline, for a connection to come back. */
export interface PoolSpec {
  /** Opened at the start and kept. */
  min: number
  max: number
  /** An idle connection above `min` is closed after this time. */
  idleMs: number
}

/** One kind of request. It arrives whether or not the ones before it were answered. */
export interface RequestSpec {
  name: string
  /** Mean arrivals a second (Poisson). */
  perS: number
  statements: StatementSpec[]
  /** Whether the statements are one transaction. */
  transaction: boolean
  /** What the application does after each statement while it holds the connection. */
  thinkMs?: number
}

export interface StatementSpec {
  sql: string
  values: ValueSpec[]
}

/** A constant, or an integer drawn anew for every call, both ends included. */
type ValueSpec = number | string | { from: number; to: number }

export type FaultStep =
  /** A session runs the statements. `active`: the last one is not waited for, and goes on. */
  | { do: 'hold'; user: string; application: string; statements: string[]; stays: 'idle' | 'active' }
  /** A service opens connections, uses each of them once and forgets it. */
  | { do: 'leak'; service: string; perS: number; sql: string }
  /** More copies of a service start, one every `everyMs`, until there are `instances`. */
  | { do: 'scale-out'; service: string; instances: number; everyMs: number }
  /** One kind of request comes to arrive `times` as often, rising evenly over `overMs`. */
  | { do: 'traffic'; service: string; request: string; times: number; overMs: number }
  /** A change of the schema by `deploy`, and how it is taken back. */
  | { do: 'migrate'; sql: string; undo: string }
