// What the lab needs of a database engine: a server of it to start, the shop on it, and clients as applications have them.
import type { PoolSpec, Scenario } from './scenario.ts'
import type { PoolState } from './traffic.ts'

export interface LabEngine {
  /** Throws AppError `binaries-missing` or `server-not-started`. */
  start(scenario: Scenario, signal: AbortSignal): Promise<LabServer>
  /** Makes roles, tables and rows; returns the server's version. */
  seed(server: LabServer, scenario: Scenario, signal: AbortSignal): Promise<string>
  connect(login: Login): Promise<Client>
  openPool(login: Login, spec: PoolSpec): Pool
  /** Opens a session that may do everything, in the shop's database, and closes it; there is a slot kept for it. */
  asAdmin<T>(server: LabServer, use: (client: Client) => Promise<T>): Promise<T>
  /** Signals that end a server without a word, and in order. */
  crash: NodeJS.Signals
  shutdown: NodeJS.Signals
  /** One statement. */
  endSession(id: string): string
  /** Command lines of the engine's dump program, each to be run in a process. Throws AppError `binaries-missing`. */
  dumps(server: LabServer, user: string, locks: boolean): string[][]
  /** A pooler before the server, for the services. Throws AppError `binaries-missing`. */
  startPooler?(server: LabServer, scenario: Scenario): Promise<LabPooler>
  /** For the role of an observer, who needs no password. */
  observerUrl(address: Address): string
}

export interface LabServer {
  host: string
  port: number
  pid: number
  /** Of everything it has. */
  dir: string
  /** Where it writes a log that Spillway reads. */
  logFile?: string
  adminUrl(database?: string): string
  /** Starts another server that follows this one, for reads. */
  replica?(): Promise<LabReplica>
  signal(name: NodeJS.Signals): void
  /** Ends it by that signal and starts it again after `downMs` on the same port; resolves when it has ended. */
  restart(signal: NodeJS.Signals, downMs: number): Promise<void>
  /** Ends the server and removes its folder. */
  stop(): Promise<void>
}

export interface LabReplica {
  port: number
  pid: number
  stop(): Promise<void>
}

export interface LabPooler {
  port: number
  consoleUrl: string
  /** Of each of its pools. */
  resize(size: number): Promise<void>
  stop(): Promise<void>
}

/** Where the shop's database is. */
export interface Address {
  host: string
  port: number
  database: string
}

export interface Login extends Address {
  user: string
  application: string
}

export type Value = number | string

/** One connection. What the server does to it is told by the statement that meets it. */
export interface Client {
  /** Server's id of its session. */
  readonly id: string
  /** `?` stands for each value. Returns the first column of the first row, if there is one. */
  query(sql: string, values?: Value[]): Promise<unknown>
  /** Never throws. */
  end(): Promise<void>
  onLost(listener: () => void): void
}

/** A driver's own pool. */
export interface Pool {
  /** Throws when no connection comes free within the deadline, and what opening one throws. */
  acquire(): Promise<Client>
  /** `broken`: it is closed instead. */
  release(client: Client, broken?: boolean): void
  state(): PoolState
  readonly ended: boolean
  end(): Promise<void>
}

export const SHOP_DATABASE = 'shop'
/** The role an observer connects as: what `spillway grants` asks for, and nothing else. */
export const OBSERVER = 'spillway'
/** Owns the database and changes its schema. */
export const DEPLOY = 'deploy'
/** How long a request waits for a connection, its pool's or a new one. */
export const POOL_WAIT_MS = 3000
/** Most applications have no deadline on a statement; this one only bounds the lab. */
export const STATEMENT_MS = 120_000
