// A diagnosis written down by hand, so that remedies are weighed against known words and not against today's rules.
import {
  type Cause,
  DIAGNOSIS_SCHEMA,
  type Diagnosis,
  type Evidence,
  type Finding,
  type RemedyCode,
} from '../../src/model/index.ts'
import { T0 } from './evidence.ts'

export const finding = (cause: Cause, remedies: RemedyCode[], more: Partial<Finding> = {}): Finding => ({
  cause,
  severity: 'critical',
  confidence: 0.9,
  share: { slots: 1, aas: 1, failures: 1 },
  onset: T0,
  title: cause,
  evidence: [],
  remedies,
  ...more,
})

/** An incident from the given second to the end of the evidence. */
export const diagnosis = (
  evidence: Evidence,
  fromSecond: number,
  findings: Finding[],
  more: Partial<Diagnosis> = {},
): Diagnosis => ({
  schema: DIAGNOSIS_SCHEMA,
  generatedAt: evidence.to,
  target: evidence.target,
  from: evidence.from,
  to: evidence.to,
  outcome: 'diagnosed',
  verdict: [],
  incident: { from: T0 + fromSecond * 1000, to: evidence.to, onset: T0 + fromSecond * 1000, ongoing: true },
  connect: { attempts: 0, failed: 0, byFailure: {} },
  load: { aas: 0, byWaitClass: {}, ticks: evidence.ticks.length, gaps: 0 },
  slots: { used: 0, peak: 0, clamped: true, byState: {} },
  blocking: [],
  holders: [],
  findings,
  ruledOut: [],
  skipped: [],
  ...more,
})
