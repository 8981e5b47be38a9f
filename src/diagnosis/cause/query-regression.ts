// The same calls became dearer, or a dear statement appeared.
import { mean } from '../../load/index.ts'
import { callsOf } from '../calls.ts'
import type { Case } from '../case.ts'
import { DEARER, SAME, workGrowth } from '../effort.ts'
import {
  beyond,
  cannotTell,
  type Found,
  found,
  isMissing,
  type Judgement,
  type Rule,
  ramp,
  ruledOut,
  speaksFor,
} from '../rule.ts'
import { percent, round1 } from '../say.ts'
import { shapeOf } from '../shape.ts'
import { dearerCalls } from '../signal/query-regression.ts'
import {
  cpuEvidence,
  type Gainer,
  gainer,
  isBusy,
  isCalledMore,
  secondsPerCall,
  type Work,
  work,
} from '../work.ts'
import { bulkLoad } from './bulk-load.ts'
import { writeAmplification } from './write-amplification.ts'

/** Share of the load's growth that one statement must have gained. */
const GAIN = 0.5
/** A statement that became dear stays dear: what stood in fewer samples was held up by something else. */
const FEWEST_SAMPLES = 3
/** AAS before the incident below which a statement counts as new. */
const NEW = 0.05

export const queryRegression: Rule = { cause: 'query-regression', judge, mechanism: dearerCalls }

function judge(c: Case): Judgement {
  const w = work(c)
  if (!isBusy(c, w))
    return ruledOut(`${round1(w.aas)} sessions at work (locks aside), before it ${round1(w.aasBefore)}`)
  if (c.during.length < FEWEST_SAMPLES) return cannotTell(`${FEWEST_SAMPLES} samples of the incident`)
  if (w.rateRatio === undefined) return cannotTell('the rate of transactions before and during the incident')
  const most = gainer(c)
  if (!most || most.share < GAIN) return ruledOut('no single statement took the additional load')
  if (shapeOf(most.statement) === 'dump') return ruledOut('the additional load is a dump')
  if (isCalledMore(c, w, most))
    return ruledOut(`the calls grew (all: ${round1(w.rateRatio)}×): more work rather than dearer work`)
  const other = [writeAmplification, bulkLoad].find(rule => rule.judge?.(c).status === 'found')
  if (other) return ruledOut(`what it does more is write: ${other.cause}`)
  if (isHeldUp(c))
    return ruledOut(
      'the CPU of the host idles, and no more is read or changed: they wait for what nobody tells',
    )
  const cost = costOf(c, w, most)
  if (cost !== undefined && cost < DEARER)
    return ruledOut(
      `a call reads and changes ${round1(cost)}× what it did: it takes longer, but is no dearer`,
    )
  return found(finding(c, w, most, w.rateRatio))
}

/** Percent of the host's CPU below which nobody computes for long. */
const IDLE_PCT = 50

/** What neither computes nor reads is held up, though its server has no word for the wait. */
function isHeldUp(c: Case): boolean {
  const cpu = mean(c.during.flatMap(({ signals }) => signals.cpu_pct ?? []))
  return cpu < IDLE_PCT && (workGrowth(c) ?? DEARER) < SAME
}

/**
 * Work for each call, during ÷ before. What computes without reading or changing much shows in none of the counters: a statement that is
 * known not to have been called before is dearer than nothing. Undefined where no work is counted.
 */
function costOf(c: Case, w: Work, { statementId }: Gainer): number | undefined {
  const grown = workGrowth(c)
  if (grown === undefined || callsOf(c, statementId).before?.count === 0) return undefined
  // Rows and pages are counted when a statement ends, and few of these have ended yet.
  const seconds = (c.during.length * c.evidence.tickMs) / 1000
  if (secondsPerCall(c, statementId) > seconds / 2) return undefined
  return grown / Math.max(1, w.rateRatio ?? 1)
}

function finding(c: Case, w: Work, most: Gainer, rate: number): Found {
  const isNew = most.before < NEW
  const name = `statement ${most.statementId}`
  const grew = isNew
    ? 'took too little to be sampled before'
    : `takes ${round1(most.during / most.before)}× the load of before`
  return {
    kind: scanGrew(c) ? 'missing-index' : isNew ? 'new-statement' : 'plan-change',
    confidence: 0.5 + 0.3 * ramp(most.share, GAIN, 0.9) + 0.2 * ramp(w.timeRatio ?? 1, 1.2, 3),
    onset: c.incident.from,
    title: `${name} ${grew}: ${round1(most.during)} sessions at once`,
    because: `${name} ${grew}, while calls come at ${round1(rate)}× the rate of before`,
    evidence: [
      speaksFor(
        `${percent(Math.min(1, most.share))} of the additional load is ${name} (AAS ${round1(most.before)} → ${round1(most.during)})`,
      ),
      ...(w.timeRatio === undefined
        ? []
        : [speaksFor(`time a transaction: ${round1(w.timeRatio)}× of before`)]),
      ...(scanGrew(c) ? [speaksFor('rows read by scans grew with it: an index is missing or not used')] : []),
      ...(isNew
        ? [
            isMissing(
              'calls of each statement (pg_stat_statements) would tell a new statement from one that became dear',
            ),
          ]
        : []),
      ...cpuEvidence(c),
    ],
    subject: {
      statementId: most.statementId,
      ...(most.statement ? { statement: most.statement } : {}),
    },
    remedies: ['mend-statement', 'scale-up', 'max-connections'],
    gone: tick =>
      beyond(
        tick,
        most.before,
        session => session.statementId === most.statementId && session.state === 'active',
      ),
  }
}

/** Rows read by sequential scans grew at least threefold. */
function scanGrew({ before, during }: Case): boolean {
  const level = (ticks: Case['during']) => {
    const rates = ticks.flatMap(tick => tick.signals.rows_read_scan_per_s ?? [])
    return rates.length > 0 ? rates.reduce((sum, n) => sum + n, 0) / rates.length : 0
  }
  return level(during) > 3 * level(before) && level(during) > 0
}
