// What a report is made of: everything is handed in, nothing is looked up.
import type { Diagnosis, Plan, Run, Timeline } from '../../model/index.ts'

export interface ReportInput {
  diagnosis: Diagnosis
  timeline: Timeline
  plan?: Plan
  run?: Run
  /** Of the document; the target's name when absent. */
  title?: string
  /** A short list that the caller adds, such as measured times. */
  facts?: { label: string; value: string }[]
}
