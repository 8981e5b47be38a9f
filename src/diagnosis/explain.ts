// Ranks causes by what would be left without them, takes the first one's effect away, and looks again.
import type { Cause, FailureCount, Finding, Share, Skipped, Subject, Tick } from '../model/index.ts'
import { type Case, failedForSlots, toldRefusals, withTicks } from './case.ts'
import { RULES } from './cause/index.ts'
import { cannotTell, type Found, type Judgement, type Rule } from './rule.ts'
import { type Accounts, accounts } from './signal/account.ts'
import { type Left, leftOf, meanLeft, remove } from './tally.ts'

/** The search ends when less than this share of the change is unexplained. */
const UNEXPLAINED = 0.15
/** Independent causes at one time. */
const MOST_ROOTS = 3
/** A cause below this share of slots, load and failures alike is a side matter. */
const SIDE_MATTER = 0.1
/** Below this confidence the tool says `unknown` rather than guess. */
const SURE_ENOUGH = 0.5

export interface Explanation {
  /** Root first; what the root brings about follows it. */
  findings: (Finding & Pick<Found, 'because' | 'symptom'>)[]
  ruledOut: { cause: Cause; reason: string }[]
  skipped: Skipped[]
}

interface Candidate {
  rule: Rule
  found: Found
  /** What is left of the slots without it, on average. */
  slotsLeft: number
  share: Share
}

export function explain(c: Case): Explanation {
  const findings: Explanation['findings'] = []
  let rest = c
  for (let round = 0; round < MOST_ROOTS; round++) {
    const [root, ...others] = candidates(rest, c, findings)
    if (!root) break
    const after = without(rest, root)
    const chain = others.filter(other => isWithin(rest, after, other))
    findings.push(...[root, ...chain].map(candidate => toFinding(candidate, c)))
    rest = after
    if (unexplained(c, rest) < UNEXPLAINED) break
  }
  const counted = accounts(c, RULES)
  if (findings.length === 0) findings.push(...ofCounters(c, counted))
  const named = new Set(findings.map(({ cause }) => cause))
  const judged = RULES.filter(rule => !named.has(rule.cause)).map(rule => ({
    rule,
    verdict: verdictOn(rule, rest, counted),
  }))
  return {
    findings,
    ruledOut: judged.flatMap(({ rule: { cause }, verdict }) =>
      verdict.status === 'ruled-out'
        ? { cause, reason: verdict.reason }
        : verdict.status === 'found'
          ? { cause, reason: 'explains nothing that the findings leave open' }
          : [],
    ),
    skipped: judged.flatMap(({ rule: { cause }, verdict }) =>
      verdict.status === 'cannot-tell'
        ? { check: cause, reason: `${verdict.missing}: not in the evidence` }
        : [],
    ),
  }
}

/**
 * The counters speak where no rule finds anything in the sessions. What the sessions can tell is not left to them, and below what is
 * sure enough there is no first finding, so none at all.
 */
function ofCounters(c: Case, { findings }: Accounts): Explanation['findings'] {
  const sampled = c.during.some(tick => tick.sessions)
  const possible = findings.filter(
    ({ cause }) => !sampled || RULES.find(rule => rule.cause === cause)?.judge?.(c).status !== 'ruled-out',
  )
  return (possible[0]?.confidence ?? 0) >= SURE_ENOUGH ? possible : []
}

/** Sessions have the last word on what they can tell. */
function verdictOn(rule: Rule, c: Case, { verdicts }: Accounts): Judgement {
  const bySessions = rule.judge?.(c)
  const byCounters = verdicts.get(rule.cause)
  const sampled = c.during.some(tick => tick.sessions)
  return (sampled ? (bySessions ?? byCounters) : (byCounters ?? bySessions)) ?? cannotTell('what would tell')
}

/** What the rules find in a case, most of slots, failures and load first; between equals the order of the chain decides. */
function candidates(rest: Case, whole: Case, named: Explanation['findings']): Candidate[] {
  const taken = new Set(named.map(({ cause, subject }) => subjectKey(cause, subject)))
  return RULES.flatMap(rule => {
    const verdict = rule.judge?.(rest)
    if (verdict?.status !== 'found' || verdict.finding.confidence < SURE_ENOUGH) return []
    if (taken.has(subjectKey(rule.cause, verdict.finding.subject))) return []
    const left = meanLeft(rest.during, verdict.finding.gone)
    const share = shareOf(verdict.finding, left, rest, whole)
    const matters = Math.max(share.aas, share.slots, share.failures) >= SIDE_MATTER
    return matters ? { rule, found: verdict.finding, slotsLeft: left.slots, share } : []
  }).sort((a, b) => rank(b) - rank(a))
}

const without = (c: Case, { found: { gone } }: Candidate): Case =>
  withTicks(
    c,
    c.before,
    c.during.map(tick => remove(tick, gone(tick))),
  )

/** One cause can be at work twice: two forgotten transactions are two findings. */
const subjectKey = (cause: Cause, { session, ...about }: Subject = {}): string =>
  JSON.stringify([cause, session?.id ?? about.user ?? about.database ?? about.statementId])

/** Rounded, so that a hair's breadth does not turn the order of a chain around. */
const rank = ({ share, found }: Candidate): number =>
  Math.round(5 * found.confidence * (share.slots + share.failures + share.aas))

/** The share of the whole incident's load, slots and failures that would be gone without a cause. */
function shareOf(finding: Found, left: Left, rest: Case, whole: Case): Share {
  const part = (from: number, to: number, all: number) =>
    all > 0 ? Math.min(1, Math.max(0, (from - to) / all)) : 0
  return {
    aas: part(rest.loadDuring.aas, left.active, whole.loadDuring.aas),
    slots: part(rest.slotsDuring, left.slots, whole.slotsDuring),
    failures: part(1, failuresLeft(rest, finding), 1),
  }
}

/** The share of the refused attempts that would still be refused, because no slot came free in their tick; 1 without any. */
function failuresLeft(c: Case, finding: Found): number {
  const refused = refusals(c)
  if (refused.length === 0 || c.usable === undefined) return 1
  const still = refused.filter(({ t }) => {
    const tick = nearestTick(c, t)
    return !tick || leftOf(tick, finding.gone(tick)).slots >= c.usable!
  })
  return counted(still) / counted(refused)
}

/** For want of a slot: Spillway's own attempts, and what is known of other clients'. */
const refusals = (c: Case): Refusals[] => [
  ...failedForSlots(c.probes).map(({ t }) => ({ t, count: 1 })),
  ...toldRefusals(c),
]

type Refusals = Pick<FailureCount, 't' | 'count'>

const counted = (all: Refusals[]): number => all.reduce((sum, { count }) => sum + count, 0)

const nearestTick = (c: Case, t: number): Tick | undefined =>
  c.during.findLast(tick => tick.t <= t) ?? c.during[0]

/** Whether a candidate takes away hardly anything that the root, gone from `after`, has not taken away as well. */
function isWithin(c: Case, after: Case, { found, slotsLeft }: Candidate): boolean {
  const alone = c.slotsDuring - slotsLeft
  const onTop = after.slotsDuring - meanLeft(after.during, found.gone).slots
  return alone > 0 && onTop < 0.2 * alone
}

/** The share of the change in load and slots that is left, the larger of both. */
function unexplained(whole: Case, rest: Case): number {
  const left = (during: number, before: number, now: number) =>
    during - before > 1 ? Math.max(0, (now - before) / (during - before)) : 0
  return Math.max(
    left(whole.loadDuring.aas, whole.loadBefore.aas, rest.loadDuring.aas),
    left(whole.slotsDuring, whole.slotsBefore, rest.slotsDuring),
  )
}

function toFinding({ rule, found, share }: Candidate, c: Case): Explanation['findings'][number] {
  const { gone, ...rest } = found
  const failing =
    c.probes.some(probe => !probe.ok) ||
    toldRefusals(c).length > 0 ||
    c.slotsDuring >= 0.9 * (c.usable ?? Number.POSITIVE_INFINITY)
  return { cause: rule.cause, ...rest, severity: failing ? 'critical' : 'warning', share }
}
