// What a rule about a cause is: it looks at a case and says found, ruled out, or cannot tell.
import type { Cause, EvidenceItem, RemedyCode, SessionSample, Subject, Tick } from '../model/index.ts'
import type { Case } from './case.ts'
import type { Mechanism } from './signal/mechanism.ts'
import type { Gone } from './tally.ts'

export { isMissing, ramp, speaksAgainst, speaksFor } from './weigh.ts'

export interface Rule {
  cause: Cause
  /** By the sessions that were sampled. */
  judge?(c: Case): Judgement
  /** By the counters, with sessions or without. */
  mechanism?: Mechanism
}

export type Judgement =
  | { status: 'found'; finding: Found }
  | { status: 'ruled-out'; reason: string }
  | { status: 'cannot-tell'; missing: string }

/** A finding before its share is counted. */
export interface Found {
  kind?: string
  /** 0 to 1: how well the evidence fits this cause and no other. */
  confidence: number
  onset: number
  title: string
  /** What its clients see, where neither probes nor slots nor load show it. */
  symptom?: string
  /** The sentence after "Because", without a full stop. */
  because: string
  evidence: EvidenceItem[]
  subject?: Subject
  remedies: RemedyCode[]
  /** What would be gone from a tick, were the cause and what it inflicts on others away. Pure. */
  gone(tick: Tick): Gone
}

export const ruledOut = (reason: string): Judgement => ({ status: 'ruled-out', reason })
export const cannotTell = (missing: string): Judgement => ({ status: 'cannot-tell', missing })
export const found = (finding: Found): Judgement => ({ status: 'found', finding })

/** All but as many of some sessions as there were on average before; which ones go does not matter. */
export function beyond(tick: Tick, keep: number, counts: (session: SessionSample) => boolean): Gone {
  return { sessions: tick.sessions?.filter(counts).slice(Math.ceil(keep)) ?? [] }
}

/** A finding about one session. */
export function subjectOf(root: SessionSample, object?: string): Subject {
  const { statementId, statement, user, application, host, database } = root
  const about = { statementId, statement, user, application, host, database, object }
  return {
    session: root,
    ...Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined)),
  }
}
