// One session of the database at one moment, as the engines report it in common words.
import type { WaitClass } from './wait.ts'

/**
 * `active` runs or waits inside a statement and is load. The others hold a slot and are no load.
 * `starting` has not finished authenticating; `unknown` is a session whose state this role may not see.
 */
export const SESSION_STATES = [
  'active',
  'idle in transaction',
  'idle in transaction (aborted)',
  'idle',
  'starting',
  'unknown',
] as const

export type SessionState = (typeof SESSION_STATES)[number]

/** The lock a session waits for. */
export interface LockWait {
  /** `row`: a row or the transaction that changed it; `relation`: a table or index. */
  kind: 'row' | 'relation' | 'advisory' | 'metadata' | 'other'
  /** Name of the table, or of the advisory key. */
  object?: string
  /** True when it conflicts with every reader of the object (DDL). */
  exclusive?: boolean
}

export interface SessionSample {
  /** The engine's session id as text (PostgreSQL: the backend's pid). */
  id: string
  state: SessionState
  /** Only for active sessions. `CPU` also stands for a wait that is not instrumented. */
  waitClass?: WaitClass
  /** Native name of the wait event, for people. */
  waitEvent?: string
  /** 64-bit ids do not fit a number. */
  statementId?: string
  /** Redacted: holds no literal. */
  statement?: string
  user?: string
  application?: string
  /** Where the client is, `local` for a socket. */
  host?: string
  database?: string
  /** Age of the open transaction, in milliseconds. */
  transactionAgeMs?: number
  /** Time in this state, in milliseconds. For an active session: the age of its statement. */
  stateAgeMs?: number
  /**
   * When the session was opened, ISO 8601: with the id it names one session for ever (ids are reused). MySQL keeps no
   * such time and reuses no id before a restart: there it is the start of the server.
   */
  startedAt?: string
  /** Ids of the sessions that hold or queue for a lock this one waits for. */
  blockedBy?: string[]
  lock?: LockWait
}

/** Idle sessions, grouped, because nobody needs hundreds of them one by one. */
export interface IdleGroup {
  user?: string
  application?: string
  host?: string
  database?: string
  count: number
  /** Longest time since one of them last did anything, in milliseconds. */
  oldestStateAgeMs: number
  /** How many were used only right after they were opened, and not again in the last ten seconds. */
  unusedCount?: number
}
