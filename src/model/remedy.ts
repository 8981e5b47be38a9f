// What can be done, what it would change, and what came of it.
import type { RemedyCode } from './code.ts'
import type { Subject, TimeToExhaustion } from './diagnosis.ts'
import type { Target } from './evidence.ts'
import type { ByWaitClass } from './wait.ts'

/** A measure now and as predicted; `low` to `high` is where four of five outcomes of `after` are expected. */
export interface Shift {
  before: number
  after: number
  low?: number
  high?: number
}

/** What the evidence says would be left. */
export interface Effect {
  /** AAS before and after. */
  aas: Shift
  slots: Shift
  /** Share of the connection attempts that fail, 0 to 1; absent where nothing was attempted. */
  failures?: Shift
  /** Slots for ordinary clients afterwards, where the limits are known. */
  usable?: number
  /** Of the predicted load. */
  byWaitClass?: ByWaitClass
  /** As the slots would go on being taken afterwards. */
  timeToExhaustion?: TimeToExhaustion
  /** Sessions that would stop waiting. */
  sessionsFreed: number
  /** Slots that would come free, at once or as pools let idle connections go. */
  slotsFreed: number
  /** Share of the requests that cannot be done: they wait and fail in the applications, where no pool lets them in. */
  unserved?: number
  /** Whether connections are expected to succeed afterwards. */
  connectsRecover: boolean
  /** In words: what it buys and what it costs. */
  summary: string
}

/** One command against the database. Parameters are named, never spliced into text. */
export type Action = { kind: 'end-session' | 'cancel-statement'; session: SessionRef }

/** Somebody who has settings of his own, instead of the server: for new sessions. */
export type Whose = { role: string } | { database: string }

/** The name under which the limit of a role's or a database's connections is known. */
export const CONNECTION_LIMIT = 'connection limit'

/** Null takes away what was set. */
export interface SettingChange {
  kind: 'set'
  name: string
  value: string | null
  whose?: Whose
}

/** Names one session for ever: the id alone is reused by the server. */
export interface SessionRef {
  id: string
  startedAt?: string
  /** The state it was in when it was chosen; an ended transaction must not be paid for by its successor. */
  state: string
}

/** `sql`: over the held connection; `rds`: by the API of RDS. */
export type Actuator = 'sql' | 'rds'

/** What a step touches. A setting is the server's own with `sql`, one of the instance's parameter group with `rds`. */
export type What =
  | { kind: 'end-session' | 'cancel-statement'; session: SessionRef }
  | { kind: 'setting'; name: string; unit?: SettingUnit; needsRestart: boolean }
  | { kind: 'role-setting'; role: string; name: string; unit?: SettingUnit }
  | { kind: 'role-limit'; role: string }
  | { kind: 'database-limit'; database: string }
  | { kind: 'instance-class' | 'parameter-group' | 'restart' | 'snapshot' }
  /** `tier`: of a reader of Aurora, 0 to 15; those of a lower one take over before it. */
  | { kind: 'read-replica'; tier?: number }
  | ({ kind: 'proxy' } & ProxyWish)
  | { kind: 'storage'; field: StorageField }
  | { kind: 'security-group-rule'; port: number; group?: string }

/** What is known of a proxy before it is made; the rest is found, or asked for. */
export interface ProxyWish {
  /** Connections to the database at most, or percent of its max_connections. */
  size?: number
  percent?: number
  /** Seconds that a client waits for one. */
  borrowS?: number
  /** ARNs: the login that it uses, and the role that may read it. */
  secret?: string
  role?: string
  subnets?: string[]
  /** False: it takes clients without TLS as well. */
  tls?: boolean
}

/** The parameter's own base unit, in which `before` and `after` stand. */
export type SettingUnit = 'ms' | 's' | 'bytes' | '8kB'

/** GiB, operations a second, MiB/s, the type's name, GiB up to which it grows by itself. */
export type StorageField = 'size' | 'iops' | 'throughput' | 'type' | 'ceiling'

/** `session`: one session; `restart`: all of them, for seconds; `minutes`: all of them, for minutes. */
export type Outage = 'none' | 'session' | 'restart' | 'minutes'

/** null: not set, or not there. */
export type Value = string | number | boolean | null

/** One change as data. Steps are done in their order, and taken back in the reverse. */
export interface Step {
  actuator: Actuator
  what: What
  /** What has to stand there when the step is done; absent: not known yet, to be read and journaled first. */
  before?: Value
  after: Value
  reversible: boolean
  outage: Outage
  /** Who has to say afterwards that it is so, in this order. */
  verify: readonly ('api' | 'engine' | 'health-gate')[]
}

/** Difference a month. `usd` is absent where the price list has no source for it: unknown, never zero. */
export interface Price {
  usd?: number
  region?: string
  /** Day of the price list. */
  asOf?: string
  /** What it is of, or why it is not known. */
  note?: string
}

export type Risk = 'low' | 'medium' | 'high'

export interface Advice {
  remedy: RemedyCode
  /** `now` stops the incident, `for-good` keeps it from coming back. */
  horizon: 'now' | 'for-good'
  title: string
  effect: Effect
  /** What is lost or interrupted. */
  cost: string
  reversible: boolean
  risk?: Risk
  outage?: Outage
  price?: Price
  /** What Spillway can do itself; none: it is for people. */
  steps?: Step[]
  /** What the steps need: actions of IAM, and grants in the database. */
  permissions?: { iam: string[]; grants: string[] }
  /** How it shows that it helped. */
  verify?: string
  /** It holds for sessions that begin afterwards: what is there now goes on as it is, and nothing is promised of that. */
  forNewSessions?: true
  /** A size for each pool, where that is the remedy. */
  budget?: PoolBudget
  /** How many replicas, and the share of the reads that stand alone which goes there. */
  routing?: { replicas: number; share: number }
  /** Connections of each pool of a pooler that there is already. */
  poolerSize?: number
  /** The one step that is done at once, during an incident. */
  action?: Action
  /** What a person would run. */
  commands: string[]
  subject?: Subject
}

/** The pools of one application on one host. */
export interface PoolShare {
  user: string
  application: string
  host: string
  /** Most slots it held at once, sessions that worked on average and at most, and the size it should have. */
  held: number
  busy: number
  peak: number
  size: number
}

/** Sizes and spare add up to the usable slots. */
export interface PoolBudget {
  usable: number
  spare: number
  pools: PoolShare[]
  /** Sessions at work at which the server did most, where the samples show it. */
  bestConcurrency?: number
}

export interface NotAdvised {
  remedy: RemedyCode
  title: string
  reason: string
}

export const PLAN_SCHEMA = 'spillway/plan/v1'

export interface Plan {
  schema: typeof PLAN_SCHEMA
  target: Target
  createdAt: number
  /** SHA-256 of everything else, hexadecimal; only of a plan that is a file. */
  hash?: string
  /** What goes on if nothing is done; absent without a sample. */
  otherwise?: Effect
  /** Why doing nothing is best, when it is. */
  wait?: string
  /** Best first. */
  advice: Advice[]
  notAdvised: NotAdvised[]
  whatIf?: WhatIf
  /** What somebody asked for by name, whatever it would change. */
  manual?: { settings: Record<string, string>; steps: Step[]; notes: string[]; price?: Price }
  headroom?: Headroom
}

/** The answer to a question of somebody: these settings together. */
export interface WhatIf {
  /** As they were asked for. */
  settings: Record<string, string>
  effect: Effect
  price: Price
  outage: Outage
  /** As of an advice. */
  forNewSessions?: true
  /** What the model cannot tell, and what speaks against it. */
  notes: string[]
  steps: Step[]
}

/** When it breaks, by the same model. */
export interface Headroom {
  /** Load factor that was asked for, and what it would come to. */
  asked?: { factor: number; effect: Effect }
  /** Least factor at which connections begin to fail; absent when none was found up to `searched`. */
  factor?: number
  /** Where it may begin, and where at the latest, by the bounds of the prediction. */
  low?: number
  high?: number
  searched: number
  /** At that factor. */
  aas?: number
  requestsPerS?: number
  /** What runs out. */
  limit?: 'slots' | 'cpu' | 'io' | 'locks' | 'role'
  notes: string[]
}

/** What acting came to, engine's word. `gone`: there was nothing left to do; `refused`: a precondition failed. */
export interface ActionResult {
  done: boolean
  status: 'done' | 'gone' | 'refused'
  message: string
}

/** What a remedy was predicted to bring and what was measured after it. */
export interface Comparison {
  measure: 'aas' | 'slots' | 'lock waiters' | 'failed connects'
  before: number
  predicted: number
  measured: number
}

export const RUN_SCHEMA = 'spillway/run/v1'

export interface Run {
  schema: typeof RUN_SCHEMA
  id: string
  advice: Advice
  startedAt: number
  /** When the action returned, epoch milliseconds. */
  actedAt?: number
  result?: ActionResult
  /** When the health gate held for its settling time. */
  recoveredAt?: number
  verified: boolean
  comparison: Comparison[]
  /** What cannot be taken back. */
  irreversible?: string
}

/** One line of the journal; written before what it announces is done. */
export interface JournalEntry {
  t: number
  run: string
  event:
    | 'begin'
    | 'resume'
    | 'intend'
    | 'acted'
    | 'settled'
    | 'failed'
    | 'verified'
    | 'not-verified'
    | 'take-back'
    | 'end'
  detail: unknown
}
