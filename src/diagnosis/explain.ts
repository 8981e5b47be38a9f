// Ranks causes by what would be left without them, takes the first one's effect away, and looks again.
import type { Cause, Finding, Share, Skipped, Subject, Tick } from '../model/index.ts'
import { type Case, withTicks } from './case.ts'
import { RULES } from './cause/index.ts'
import { countOf, type Failed, isForPool, isForSlots } from './failed.ts'
import { cannotTell, type Found, type Judgement, type Rule } from './rule.ts'
import { type Accounts, accounts } from './signal/account.ts'
import { type Left, leftOf, meanLeft, remove, tally } from './tally.ts'

/** The search ends when less than this share of the change is unexplained. */
const UNEXPLAINED = 0.15
/** Independent causes at one time. */
const MOST_ROOTS = 3
/** A cause below this share of slots, load and failures alike is a side matter. */
const SIDE_MATTER = 0.1
/** Below this confidence the tool says `unknown` rather than guess. */
const SURE_ENOUGH = 0.5

/** Rules that what is outside of the server can tell. */
const HEARING = RULES.filter(rule => rule.hear)

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
  /** What would still fail without it. */
  failedLeft: Failed[]
  share: Share
}

export function explain(c: Case): Explanation {
  const findings: Explanation['findings'] = []
  let rest = c
  for (let round = 0; round < MOST_ROOTS; round++) {
    const possible = candidates(rest, c, findings)
    const root = rootOf(possible, rest)
    if (!root) break
    const after = without(rest, root)
    const chain = possible.filter(other => other !== root && follows(rest, after, root, other))
    findings.push(...[root, ...chain].map(candidate => toFinding(candidate, c)))
    rest = after
    if (unexplained(c, rest) < UNEXPLAINED) break
  }
  findings.push(
    ...candidates(rest, c, findings, HEARING)
      .filter(({ found }) => found.outside)
      .map(one => toFinding(one, c)),
  )
  const counted = accounts(c, RULES)
  findings.push(...ofCounters(c, counted, findings))
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
 * The counters speak where no rule finds a cause of load in the sessions. What the sessions can tell is not left to them, and below what
 * is sure enough there is no first finding, so none at all. Beside a cause outside of the server, only for load that is there.
 */
function ofCounters(
  c: Case,
  { findings }: Accounts,
  found: Explanation['findings'],
): Explanation['findings'] {
  if (found.some(({ share }) => share.aas > 0 || share.slots > 0)) return []
  const sampled = c.during.some(tick => tick.sessions)
  const possible = findings.filter(
    ({ cause, share }) =>
      (!sampled || RULES.find(rule => rule.cause === cause)?.judge?.(c).status !== 'ruled-out') &&
      (found.length === 0 || (share.aas >= SIDE_MATTER && !found.some(one => one.cause === cause))),
  )
  return (possible[0]?.confidence ?? 0) >= SURE_ENOUGH ? possible : []
}

/** Sessions have the last word on what they can tell; what was said outright, before what the counters suggest. */
function verdictOn(rule: Rule, c: Case, { verdicts }: Accounts): Judgement {
  const bySessions =
    c.during.length === 0 && rule.judge ? cannotTell('samples of the incident') : rule.judge?.(c)
  const heard = rule.hear?.(c)
  const byCounters = verdicts.get(rule.cause)
  const sampled = c.during.some(tick => tick.sessions)
  const known = [...(sampled ? [bySessions, heard, byCounters] : [heard, byCounters, bySessions])].filter(
    judgement => judgement !== undefined,
  )
  return known.find(({ status }) => status !== 'cannot-tell') ?? known[0] ?? cannotTell('what would tell')
}

/** What the rules find in a case, most of slots, failures and load first; between equals the order of the chain decides. */
function candidates(
  rest: Case,
  whole: Case,
  named: Explanation['findings'],
  rules: readonly Rule[] = RULES,
): Candidate[] {
  const taken = new Set(named.map(({ cause, subject }) => subjectKey(cause, subject)))
  return rules
    .flatMap((rule): Candidate[] => {
      const found = foundBy(rule, rest)
      if (!found || found.confidence < SURE_ENOUGH) return []
      if (taken.has(subjectKey(rule.cause, found.subject))) return []
      const left = meanLeft(rest.during, found.gone)
      const failedLeft = stillFailing(rest, found)
      const share = shareOf(left, failedLeft, rest, whole)
      const matters = Math.max(share.aas, share.slots, share.failures, ownShare(failedLeft, rest, whole))
      return matters >= SIDE_MATTER || (found.outside && share.failures === 0)
        ? [{ rule, found, slotsLeft: left.slots, failedLeft, share }]
        : []
    })
    .sort((a, b) => rank(b) - rank(a))
}

function foundBy(rule: Rule, c: Case): Found | undefined {
  const heard = [rule.judge?.(c), rule.hear?.(c)]
  return heard.flatMap(judgement => (judgement?.status === 'found' ? judgement.finding : []))[0]
}

const without = (c: Case, { found, failedLeft }: Candidate): Case =>
  withTicks(
    { ...c, failed: failedLeft },
    c.before,
    c.during.map(tick => remove(tick, found.gone(tick))),
  )

/** One cause can be at work twice: two forgotten transactions are two findings. */
const subjectKey = (cause: Cause, { session, ...about }: Subject = {}): string =>
  JSON.stringify([cause, session?.id ?? about.user ?? about.database ?? about.statementId])

/** The first; but what is done outside of the server, and takes all of it away as well, brought it about. */
function rootOf(possible: Candidate[], c: Case): Candidate | undefined {
  const [first] = possible
  const outer = possible.find(({ found, share }) => found.outside && share.slots > 0)
  return first && outer && follows(c, without(c, outer), outer, first) ? outer : first
}

/** Gone with the root: nothing is left for it to take away, or of what comes from outside, nothing to be found. */
const follows = (c: Case, after: Case, root: Candidate, other: Candidate): boolean =>
  isWithin(c, after, other) ||
  (root.found.outside === true && root.share.slots > 0 && !foundBy(other.rule, after))

/** Rounded, so that a hair's breadth does not turn the order of a chain around. */
const rank = ({ share, found }: Candidate): number =>
  Math.round(5 * found.confidence * (share.slots + share.failures + share.aas))

/** The share of the whole incident's load, slots and failures that would be gone without a cause. */
function shareOf(left: Left, failedLeft: Failed[], rest: Case, whole: Case): Share {
  return {
    aas: part(rest.loadDuring.aas, left.active, whole.loadDuring.aas),
    slots: part(rest.slotsDuring, left.slots, whole.slotsDuring),
    failures: part(countOf(rest.failed), countOf(failedLeft), countOf(whole.failed)),
  }
}

const part = (from: number, to: number, all: number): number =>
  all > 0 ? Math.min(1, Math.max(0, (from - to) / all)) : 0

/** Of Spillway's own attempts alone: a flood that others met must not hide what a client met. */
function ownShare(failedLeft: Failed[], rest: Case, whole: Case): number {
  const own = (all: Failed[]) => countOf(all.filter(({ source }) => source === 'probe'))
  return part(own(rest.failed), own(failedLeft), own(whole.failed))
}

/** What would still fail: not for this reason, or because no slot, or no connection of a pool, came free in its tick. */
const stillFailing = (c: Case, { gone, answers }: Found): Failed[] =>
  c.failed.filter(
    failed =>
      !answers?.(failed) &&
      !(isForSlots(failed) && comesFree(c, failed.t, gone)) &&
      !(isForPool(failed) && comesBack(c, failed, gone)),
  )

/** A connection of the application's that is held up comes back to its pool. */
function comesBack(c: Case, { t, application }: Failed, gone: Found['gone']): boolean {
  const tick = nearestTick(c, t)
  const freed = (tick && gone(tick).sessions) ?? []
  return freed.some(session => application === undefined || session.application === application)
}

/** Where the server has room, the limit is somebody else's, and fewer sessions than there were are enough. */
function comesFree(c: Case, t: number, gone: Found['gone']): boolean {
  const tick = nearestTick(c, t)
  if (!tick || c.usable === undefined) return false
  return leftOf(tick, gone(tick)).slots < Math.min(c.usable, tally(tick).slots ?? c.usable)
}

const nearestTick = (c: Case, t: number): Tick | undefined =>
  c.during.findLast(tick => tick.t <= t) ?? c.during[0]

/** Whether a candidate takes away hardly anything that the root, gone from `after`, has not taken away as well. */
function isWithin(c: Case, after: Case, { found, slotsLeft, failedLeft }: Candidate): boolean {
  const alone = c.slotsDuring - slotsLeft
  if (alone > 0) return after.slotsDuring - meanLeft(after.during, found.gone).slots < 0.2 * alone
  const answered = countOf(c.failed) - countOf(failedLeft)
  const onTop = countOf(after.failed) - countOf(stillFailing(after, found))
  return answered > 0 && onTop < 0.2 * answered
}

/** The share of the change in load and slots, and of the failures, that is left: the largest of them. */
function unexplained(whole: Case, rest: Case): number {
  const left = (during: number, before: number, now: number) =>
    during - before > 1 ? Math.max(0, (now - before) / (during - before)) : 0
  return Math.max(
    left(whole.loadDuring.aas, whole.loadBefore.aas, rest.loadDuring.aas),
    left(whole.slotsDuring, whole.slotsBefore, rest.slotsDuring),
    countOf(rest.failed) / Math.max(1, countOf(whole.failed)),
  )
}

function toFinding({ rule, found, share }: Candidate, c: Case): Explanation['findings'][number] {
  const { gone, answers, outside, ...rest } = found
  const failing = c.failed.length > 0 || c.slotsDuring >= 0.9 * (c.usable ?? Number.POSITIVE_INFINITY)
  return { cause: rule.cause, ...rest, severity: failing ? 'critical' : 'warning', share }
}
