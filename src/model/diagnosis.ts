// The answer: what fails, why, since when, who is at the root, and what was ruled out.
import type { Cause, Outcome, RemedyCode } from './code.ts'
import type { EvidenceEvent, FailureCount, Target } from './evidence.ts'
import type { Failure } from './probe.ts'
import type { SessionSample, SessionState } from './session.ts'
import type { ByWaitClass } from './wait.ts'

export const DIAGNOSIS_SCHEMA = 'spillway/diagnosis/v1'

export interface Incident {
  /** Epoch milliseconds. */
  from: number
  to: number
  /** When it began: before `from` where the ages of sessions show that it is older than the evidence. */
  onset: number
  /** Whether it goes on at the end of the evidence. */
  ongoing: boolean
}

/** One observation that speaks for or against a cause, or that would be needed to tell. */
export interface EvidenceItem {
  weight: 'for' | 'against' | 'missing'
  text: string
}

/** What would be left out of the samples, were the cause away; fractions of 0 to 1 of the incident's. */
export interface Share {
  slots: number
  aas: number
  failures: number
}

export interface Subject {
  session?: SessionSample
  statementId?: string
  statement?: string
  user?: string
  application?: string
  host?: string
  database?: string
  /** Table, role or database that the finding is about. */
  object?: string
}

export interface Finding {
  cause: Cause
  kind?: string
  severity: 'critical' | 'warning' | 'notice'
  /** 0 to 1. */
  confidence: number
  share: Share
  onset: number
  title: string
  evidence: EvidenceItem[]
  subject?: Subject
  remedies: RemedyCode[]
}

/** How the load of one statement changed with the incident, and by whose doing. */
export interface StatementChange {
  statementId: string
  statement?: string
  /** Of what it gained most is its own doing; or it was made slower by others. */
  role: 'causes' | 'suffers'
  /** Average active sessions in it; `returns`: those that would be gone, were it as before: its own, and those it makes wait. */
  aas: { before: number; during: number; returns: number }
  /** AAS gained, by wait class; where sessions were sampled. */
  byWaitClass?: ByWaitClass
  /** Where the server counts calls: AAS gained by more calls, and by calls that take longer. */
  byCalls?: number
  byTime?: number
  callsPerS?: { before: number; during: number }
}

export interface ConnectSummary {
  attempts: number
  failed: number
  byFailure: Partial<Record<Failure, number>>
  /** Epoch milliseconds of the first failed attempt. */
  firstFailure?: number
  /** Median milliseconds of the attempts that succeeded. */
  p50Ms?: number
}

/** What clients other than Spillway met, as far as logs, counters and poolers tell. */
export interface OthersSummary {
  failed: number
  byFailure: Partial<Record<Failure, number>>
  bySource: Partial<Record<FailureCount['source'], number>>
  /** Start of the tick of the first failure, epoch milliseconds. */
  firstFailure: number
}

/** What the server's own clock says beside the samples. */
export interface ExactLoad {
  /** Average active sessions by the clock alone, and by the samples alone. */
  aas: number
  sampled: number
  /** How far the samples are from the calibrated load, percent of it. */
  errorPct: number
  /** What the calibrated load is from; `both` are weighed by their noise. */
  source: 'both' | 'samples' | 'clock'
}

export interface LoadSummary {
  /** Average active sessions of the incident, or of the whole evidence when there is none. */
  aas: number
  vcpus?: number
  byWaitClass: ByWaitClass
  /** Where the server keeps time itself: then `aas` is calibrated by it. */
  exact?: ExactLoad
  /** Ticks that counted and ticks that were missing. */
  ticks: number
  gaps: number
  /** Percent of the whole host, where it is known. */
  cpuPct?: number
}

/** Seconds until no slot is left, with 10/50/90 % bounds; `never` when the level settles below the ceiling. */
export type TimeToExhaustion = 'never' | { p10: number; p50: number; p90: number }

export interface SlotSummary {
  /** Absent when the limits are not known. */
  usable?: number
  max?: number
  used: number
  /** The highest level seen. */
  peak: number
  /** Stood at the ceiling: demand is at least that. */
  clamped: boolean
  byState: Partial<Record<SessionState | 'spillway', number>>
  timeToExhaustion?: TimeToExhaustion
}

/** A session at the head of a blocking tree. */
export interface BlockingHead {
  /** `id` only, when the head itself was not sampled. */
  session: SessionSample
  /** Sessions that wait for it, directly or through others. */
  blocked: number
  /** Longest chain below it. */
  depth: number
  lock?: SessionSample['lock']
}

export interface SlotHolder {
  user: string
  application: string
  host: string
  slots: number
  active: number
  idleInTransaction: number
  idle: number
  /** Waiting for a lock; part of `active`. */
  waiting: number
}

export interface RuledOut {
  /** A cause's code, or a family that this evidence can already exclude. */
  cause: string
  reason: string
}

export interface Skipped {
  check: string
  reason: string
}

export interface Diagnosis {
  schema: typeof DIAGNOSIS_SCHEMA
  generatedAt: number
  target: Target
  from: number
  to: number
  outcome: Outcome
  /** One or two sentences. */
  verdict: string[]
  incident?: Incident
  connect: ConnectSummary
  /** Absent when none is known of. */
  others?: OthersSummary
  /** What the server's log and the pooler said up to the end of the incident, the latest of it. */
  events?: EvidenceEvent[]
  load: LoadSummary
  slots: SlotSummary
  /** The blocking trees of the incident's worst tick, largest first. */
  blocking: BlockingHead[]
  holders: SlotHolder[]
  /** Root cause first. */
  findings: Finding[]
  /** Of an incident beside a baseline, the statements whose load has grown; most of what would be gone first. */
  statements?: StatementChange[]
  ruledOut: RuledOut[]
  skipped: Skipped[]
}
