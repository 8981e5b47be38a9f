// Weighs the remedies that answer the findings: what is advised, best first, and what is not, with the reason.
import {
  type Advice,
  type Diagnosis,
  type Evidence,
  type NotAdvised,
  PLAN_SCHEMA,
  type Plan,
} from '../model/index.ts'
import { CATALOGUE } from './catalogue/index.ts'
import { isAdvised } from './remedy.ts'
import { situation } from './situation.ts'

/** Pure; `now` (epoch milliseconds) is only written down. */
export function plan(diagnosis: Diagnosis, evidence: Evidence, now: number): Plan {
  const advice: Advice[] = []
  const notAdvised: NotAdvised[] = []
  const weighed = new Set<string>()
  for (const finding of diagnosis.findings) {
    const s = situation(evidence, diagnosis, finding)
    for (const code of finding.remedies) {
      const result = CATALOGUE.find(remedy => remedy.code === code)?.weigh(s)
      // The same remedy may be advised twice, for two sessions, but not twice for one; not advised it is once.
      const key = result && (isAdvised(result) ? `${code} ${result.title}` : code)
      if (!result || !key || weighed.has(key) || weighed.has(code)) continue
      weighed.add(key)
      if (isAdvised(result)) advice.push({ remedy: code, ...result })
      else notAdvised.push({ remedy: code, ...result })
    }
  }
  return {
    schema: PLAN_SCHEMA,
    target: diagnosis.target,
    createdAt: now,
    // What stops the incident comes first; within each horizon the order of the findings and of their remedies stands.
    advice: advice.sort((a, b) => Number(a.horizon !== 'now') - Number(b.horizon !== 'now')),
    notAdvised,
  }
}
