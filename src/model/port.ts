// What the core needs of the outside, in domain words. Adapters implement these; app.ts hands them in.
import type { AppError } from './error.ts'
import type {
  Evidence,
  EvidenceEvent,
  FailureCount,
  Limits,
  StatementDelta,
  Target,
  Testimony,
  Tick,
} from './evidence.ts'
import type { ProbeResult } from './probe.ts'
import type { Action, ActionResult, JournalEntry, SettingChange, Whose } from './remedy.ts'
import type { IdleGroup, SessionSample } from './session.ts'
import type { Signals } from './signal.ts'

export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** A database that can be watched. Making one opens nothing. */
export interface Engine {
  readonly target: Target
  /** Opens the held connection. Throws AppError. */
  connect(signal?: AbortSignal): Promise<Connection>
  /**
   * One fresh connection attempt; never throws, every phase has a deadline. `from` is an address of this machine to make it
   * from, instead of the one the system would choose.
   */
  probe(signal?: AbortSignal, from?: string): Promise<ProbeResult>
  /** What a failed attempt means to the operator, in the words `connect` would use; undefined for one that succeeded. */
  explain(probe: ProbeResult): AppError | undefined
}

/** The one held connection: opened in peace, kept for as long as the watch lasts. */
export interface Connection {
  readonly facts: ServerFacts
  /** One sample, in as few round trips as may be. Throws AppError `connection-lost` or `no-answer`. */
  sample(signal?: AbortSignal): Promise<Sample>
  /** Everything this role, this server and this connection could do better. */
  examine(signal?: AbortSignal): Promise<Check[]>
  /** The commands that make the least role Spillway needs here, under the given name. */
  grants(role: string): string[]
  /** Of the server, or of somebody's new sessions; CONNECTION_LIMIT is one as well. Throws AppError `setting-unknown`. */
  setting(name: string, whose?: Whose, signal?: AbortSignal): Promise<Setting>
  /** Does one thing on purpose. The preconditions are checked again in the same statement. */
  act(action: Action | SettingChange, signal?: AbortSignal): Promise<ActionResult>
  /** True when the server or a deadline has ended it. */
  readonly closed: boolean
  close(): Promise<void>
}

/** One setting, as it is now. */
export interface Setting {
  /** In effect for whoever connects now; null for a role that has none of its own, and where it cannot be seen. */
  value: string | null
  /** What was set over the defaults by SQL and outlives a restart; null when nothing was. */
  kept: string | null
  /** A change takes a restart of the server. */
  needsRestart: boolean
  /** What is kept is not in effect before the next restart. */
  waitsForRestart: boolean
  /** The same value in another unit or spelling. */
  isSame(a: string | null, b: string | null): boolean
}

/** Who logs in, and with what. */
export interface Login {
  user: string
  password: string
}

/** Where a login comes from that does not stand in the target: a signer of tokens, a store of secrets. */
export interface LoginSource {
  readonly kind: 'iam' | 'secret'
  /** For one login that is about to be made. Throws AppError. */
  login(signal?: AbortSignal): Promise<Login>
  /** The server refused this login: another one, where there is a newer one by now. Throws AppError. */
  renewed(refused: Login, signal?: AbortSignal): Promise<Login | undefined>
}

/** Somebody who sees other clients come and fail: a server log, a pooler. */
export interface Witness {
  readonly name: string
  /** What happened since the last call. Throws AppError. */
  hear(signal?: AbortSignal): Promise<Testimony>
  close(): Promise<void>
}

/** What does not change while a connection is held. */
export interface ServerFacts {
  /** When the server was started, ISO 8601 to about a second, where it tells: another time is a restart. */
  startedAt?: string
  target: Target
  limits: Limits
  /** Whether the sessions of other roles can be seen. */
  seesAll: boolean
  /** Whether Spillway's own role may take a reserved slot. */
  hasReservedSlot: boolean
  /** True when the server runs on this very machine (so that the local CPU is the server's). */
  sameHost: boolean
}

export interface Sample {
  sessions: SessionSample[]
  idle: IdleGroup[]
  /** Rates need a sample before them: the first one has gauges only. */
  signals: Signals
  limits: Limits
  /** Failed connections of other clients since the last sample, where the server counts them. */
  failures?: Omit<FailureCount, 't'>[]
  /** What statements did since this was last told, where the server counts it; not with every sample. */
  statements?: Omit<StatementDelta, 't'>[]
}

/** One line of `doctor`. */
export interface Check {
  name: string
  ok: boolean
  /** What was found. */
  finding: string
  /** The command that mends it. */
  fix?: string
}

/** CPU of the machine Spillway runs on, percent of the whole machine since the last call. */
export interface HostMeter {
  vcpus: number
  cpuPct(): number | undefined
}

/** Kept before anything is done. Resolves only when the entry is on disk. */
export interface Journal {
  append(entry: JournalEntry): Promise<void>
}

/** What one tick of a watch brought. */
export interface Observation {
  tick: Tick
  /** Attempts that ended since the last tick. */
  probes: ProbeResult[]
  /** As of this tick; absent at a gap. */
  limits?: Limits
  /** What the server counted since the tick before. */
  failures?: FailureCount[]
  statements?: StatementDelta[]
  /** The held connection; absent while there is none. */
  connection?: Connection
  /** Why there is none. */
  problem?: AppError
  /** What the watch does otherwise from this tick on, to spare the server. */
  events?: EvidenceEvent[]
  /** Why no attempt is made now. */
  heldBack?: string
  /** The sign that made the watch look more often. */
  burst?: string
  /** Time between two samples, where it is longer than a tick because they cost too much, milliseconds. */
  everyMs?: number
}

/** A watch in progress: the latest observation, and everything up to it. */
export interface Watched {
  observation: Observation
  evidence: Evidence
}
