// What can be done, what it would change, and what came of it.
import type { RemedyCode } from './code.ts'
import type { Subject } from './diagnosis.ts'
import type { Target } from './evidence.ts'
import type { ByWaitClass } from './wait.ts'

/** What the evidence says would be left. */
export interface Effect {
  /** AAS before and after. */
  aas: { before: number; after: number }
  slots: { before: number; after: number }
  byWaitClass?: ByWaitClass
  /** Sessions that would stop waiting. */
  sessionsFreed: number
  /** Slots that would come free, at once or as pools let idle connections go. */
  slotsFreed: number
  /** Whether connections are expected to succeed afterwards. */
  connectsRecover: boolean
  /** In words: what it buys and what it costs. */
  summary: string
}

/** One command against the database. Parameters are named, never spliced into text. */
export type Action = { kind: 'end-session'; session: SessionRef }

/** Null takes away what was set. `role`: of its new sessions instead of the server. */
export interface SettingChange {
  kind: 'set'
  name: string
  value: string | null
  role?: string
}

/** Names one session for ever: the id alone is reused by the server. */
export interface SessionRef {
  id: string
  startedAt?: string
  /** The state it was in when it was chosen; an ended transaction must not be paid for by its successor. */
  state: string
}

export interface Advice {
  remedy: RemedyCode
  /** `now` stops the incident, `for-good` keeps it from coming back. */
  horizon: 'now' | 'for-good'
  title: string
  effect: Effect
  /** What is lost or interrupted. */
  cost: string
  reversible: boolean
  /** Present when Spillway can do it itself. */
  action?: Action
  /** What a person would run. */
  commands: string[]
  subject?: Subject
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
  /** Best first. */
  advice: Advice[]
  notAdvised: NotAdvised[]
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
