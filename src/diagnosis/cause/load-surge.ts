// More calls of the same cost: the work itself has grown.
import { isActive } from '../../load/index.ts'
import type { Subject } from '../../model/index.ts'
import { callsOf, growthOf } from '../calls.ts'
import type { Case } from '../case.ts'
import { jobOf } from '../job.ts'
import {
  beyond,
  cannotTell,
  type Found,
  found,
  type Judgement,
  type Rule,
  ramp,
  ruledOut,
  speaksFor,
} from '../rule.ts'
import { round1 } from '../say.ts'
import { moreCalls } from '../signal/load-surge.ts'
import {
  cpuEvidence,
  type Gainer,
  gainer,
  haveGrown,
  isBusy,
  isCalledMore,
  SURGE,
  type Work,
  work,
} from '../work.ts'

export const loadSurge: Rule = { cause: 'load-surge', judge, mechanism: moreCalls }

function judge(c: Case): Judgement {
  const w = work(c)
  if (!isBusy(c, w))
    return ruledOut(`${round1(w.aas)} sessions at work (locks aside), before it ${round1(w.aasBefore)}`)
  const most = gainer(c)
  const job = jobOf(c, ['dump', 'load', 'flush'])
  if (job && job.before <= job.during / NEW_JOB) return ruledOut('the additional sessions came to do a job')
  const more = most ? isCalledMore(c, w, most) : haveGrown(c)
  if (more === undefined) return cannotTell('the rate of transactions before and during the incident')
  if (!more) return ruledOut(`calls came at ${round1(w.rateRatio ?? 1)}× the rate of before`)
  const own = most && growthOf(callsOf(c, most.statementId))
  return found(finding(c, w, Math.max(own ?? 0, w.rateRatio ?? SURGE), most))
}

/** Dumps and loads that there are so many times as many of are new; a service that always loads rows can have a surge of it. */
const NEW_JOB = 10

function finding(c: Case, w: Work, rate: number, most: Gainer | undefined): Found {
  return {
    kind: kindOf(c),
    confidence: 0.55 + 0.35 * ramp(rate, SURGE, 2.5) + 0.1 * ramp(w.aas, w.aasBefore, 4 * w.aasBefore + 4),
    onset: c.incident.from,
    title: `${round1(rate)}× the calls of before, ${round1(w.aas)} sessions at work`,
    because: `calls come at ${round1(rate)}× the rate of before, and ${round1(w.aas)} sessions are at work at once`,
    evidence: [
      speaksFor(`calls a second: ${round1(rate)}× of before`),
      ...(w.timeRatio === undefined
        ? []
        : [speaksFor(`time a transaction: ${round1(w.timeRatio)}× of before (waiting for CPU included)`)]),
      ...cpuEvidence(c),
    ],
    ...(most ? { subject: subjectOf(most) } : {}),
    remedies: ['scale-up', 'pool-size', 'max-connections'],
    gone: tick => beyond(tick, w.aasBefore, session => isActive(session) && session.waitClass !== 'Lock'),
  }
}

const subjectOf = ({ statementId, statement }: Gainer): Subject => ({
  statementId,
  ...(statement ? { statement } : {}),
})

/** What the additional calls do, by the rows they change and read. */
function kindOf({ before, during }: Case): string {
  const sum = (
    ticks: Case['during'],
    signal: 'rows_inserted_per_s' | 'rows_changed_per_s' | 'rows_read_scan_per_s',
  ) => ticks.reduce((total, tick) => total + (tick.signals[signal] ?? 0), 0) / Math.max(1, ticks.length)
  const more = (signal: Parameters<typeof sum>[1]) => Math.max(0, sum(during, signal) - sum(before, signal))
  const [inserted, changed, read] = [
    more('rows_inserted_per_s'),
    more('rows_changed_per_s'),
    more('rows_read_scan_per_s'),
  ]
  if (changed > read / 4) return inserted > 0.8 * changed ? 'inserts' : 'mixed'
  return 'reads'
}
