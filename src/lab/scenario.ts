// What an incident of the lab is made of: plain data, so that it can be read, changed and handed to another process.
import type { Cause, EngineName, RemedyCode } from '../model/index.ts'

/** A database, the services that use it, one fault, and what a diagnosis has to find. */
export interface Scenario {
  name: string
  /** One line. */
  title: string
  engine: EngineName
  /** Server settings on top of the defaults. */
  settings: Record<string, string | number>
  /** PostgreSQL: the server's major version, where it has to fit to other programs; absent: the newest. */
  major?: number
  /** PostgreSQL: lines of pg_hba.conf that come first. */
  hba?: string[]
  /**
   * Who reaches the server through a relay, where the network can be broken; absent: nobody. `gateway`: everybody, from an
   * address that is the relay's own.
   */
  relay?: 'observer' | 'everybody' | 'gateway'
  /** Run in order by the role `deploy`, which owns the database, before the services start. */
  schema: string[]
  services: ServiceSpec[]
  /** The server has a disk of its own of this size; needs root. */
  diskMb?: number
  /** PostgreSQL: the services come through a PgBouncer of these settings. */
  pooler?: Record<string, string | number>
  /** PostgreSQL: the observer also reads the server's log. */
  hearsLog?: true
  /** The services whose own logs the observer reads as well. */
  hearsServices?: string[]
  /** Of the target that the observer is given, as in a URI. */
  observer?: string
  /** Cores that the server may use; absent: all of this machine. */
  cores?: number
  /** Of the server's processes, where it is not the lab's usual one; below 0 only where this machine lets it. */
  niceness?: number
  /** The server has a control group of its own, with these limits from the start; needs root. */
  limits?: Limits
  /** Empty: nothing breaks. */
  fault: FaultStep[]
  /** Null: nothing is wrong, and a diagnosis must say so. */
  truth: Truth | null
  /** How long the services run in peace before the fault, in milliseconds. */
  baselineMs: number
  /** How long the fault is left to work before it is scored, in milliseconds. */
  faultMs: number
}

export interface Truth {
  cause: Cause
  kind?: string
  /** Causes that are true as well, though not the root. */
  also: Cause[]
  /** An independent fault beside it: both have to be named. */
  second?: Cause
  /** Who or what the finding has to point at, beside the session that a fault holds. */
  subject?: TrueSubject
  /** A remedy that has to be advised, and one that must not be. */
  remedy?: { helps: RemedyCode; harms: RemedyCode }
}

/** Every field that is given has to be the finding's; `statement`: words that are in it. */
export interface TrueSubject {
  user?: string
  application?: string
  object?: string
  statement?: string
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
  /** No pool at all: a connection is opened for each request and closed after it. */
  fresh?: true
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
  /** `?` stands for each value. */
  sql: string
  values: ValueSpec[]
}

/** Of a server: operations of its storage a second, and megabytes of memory, its cached files included. */
export interface Limits {
  readsPerS?: number
  writesPerS?: number
  memoryMb?: number
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
  /** A change of the schema, and how it is taken back. */
  | { do: 'migrate'; sql: string; undo: string }
  /** Sessions that run the statements again and again. */
  | {
      do: 'repeat'
      user: string
      application: string
      sessions: number
      statements: string[]
      pauseMs: number
    }
  /** What an administrator changes on the server, and how it is taken back. */
  | { do: 'administer'; statements: string[]; undo: string[] }
  /** Storage or memory becomes scarce for a server that has `limits`; what is left out is without a limit. */
  | { do: 'limit'; limits: Limits }
  /** The server's disk is filled to the last byte by somebody else. */
  | { do: 'fill-disk' }
  /** Other processes of the machine take its CPU. */
  | { do: 'burn'; processes: number }
  /** The server ends, `crash`: without a word, and is back after so long. */
  | { do: 'restart'; how: 'crash' | 'shutdown'; downMs: number }
  /** New versions of a service start one after the other, each opens its pool, and the old one goes. */
  | { do: 'redeploy'; service: string; everyMs: number }
  /** The engine's own dump program reads the shop again and again; `locks`: nobody may write meanwhile. */
  | { do: 'dump'; user: string; locks?: true }
  /** Somebody connects, hears the server's greeting and goes, so many times. */
  | { do: 'break-off'; times: number }
  /** The way to the server; `forMs`: and then well again. */
  | ({ do: 'network'; forMs?: number } & Trouble)

/**
 * `delay`: every packet of the server is late by `ms`; `lose`: a `share` of all packets has to be sent again, after `ms` and
 * after twice as long each further time; `silence`: nothing gets through; `refuse`: nobody listens.
 */
export type Trouble =
  | { how: 'delay' | 'silence' | 'refuse'; ms: number }
  | { how: 'lose'; ms: number; share: number }
