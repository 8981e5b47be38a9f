// What the counters say of an incident: every mechanism against the changes, the best account first.
import type { Cause, Finding } from '../../model/index.ts'
import type { Case } from '../case.ts'
import { cannotTell, type Found, type Judgement, type Rule, ruledOut } from '../rule.ts'
import { speaksFor } from '../weigh.ts'
import { type Changes, changesOf, surenessOf } from './change.ts'
import { gainedBy } from './gained.ts'
import { type Claim, type Fit, fitOf, type Mechanism, unexplained } from './mechanism.ts'
import { tabulate } from './table.ts'
import { type View, viewOf } from './view.ts'

/** Share of what a mechanism needs to know that has to be measured. */
const KNOWN = 0.6
/** Below this confidence a second account is not worth a line. */
const WORTH_A_LINE = 0.15
const MOST_ACCOUNTS = 3

export interface Accounts {
  /** The best first; the others are other accounts of the same changes, or of what the first one leaves open. */
  findings: (Finding & Pick<Found, 'because' | 'symptom'>)[]
  /** What became of every cause that has a mechanism. */
  verdicts: Map<Cause, Judgement>
}

interface Account {
  cause: Cause
  mechanism: Mechanism
  fit: Fit
}

export function accounts(c: Case, rules: readonly Rule[]): Accounts {
  const { from, to } = c.incident
  const sides = c.sides ?? c.evidence.ticks.map(({ t }) => t >= from && t < to)
  const table = tabulate(c.evidence)
  const changes = changesOf(table, sides)
  const x = viewOf(changes, surenessOf(table, sides), gainedBy(c))
  const all = rules.flatMap(({ cause, mechanism }): Account[] =>
    mechanism ? [{ cause, mechanism, fit: fitOf(mechanism, x, changes) }] : [],
  )
  const told = all.filter(({ fit }) => fit.known >= KNOWN).sort((a, b) => b.fit.score - a.fit.score)
  return {
    findings: ranked(told, changes)
      .slice(0, MOST_ACCOUNTS)
      .map(({ account, confidence }) => toFinding(c, account, Math.min(confidence, mostSure(c)), x)),
    verdicts: new Map(all.map(({ cause, fit }) => [cause, verdictOf(fit)])),
  }
}

/** What happened within a minute is not in its mean. */
const mostSure = ({ evidence: { tickMs } }: Case): number => (tickMs < 60_000 ? 1 : BY_THE_MINUTE)
const BY_THE_MINUTE = 0.9

/** The first as sure as it fits; another by what the first one leaves open, or by the doubt about it. */
function ranked(told: Account[], changes: Changes): { account: Account; confidence: number }[] {
  const [first, ...others] = told
  if (!first) return []
  const open = unexplained(changes, [first.mechanism])
  const rest = others.map(account => {
    const more = open - unexplained(changes, [first.mechanism, account.mechanism])
    return { account, confidence: account.fit.score * Math.max(more, 1 - first.fit.score) }
  })
  return [
    { account: first, confidence: first.fit.score },
    ...rest
      .filter(({ confidence }) => confidence >= WORTH_A_LINE)
      .sort((a, b) => b.confidence - a.confidence),
  ]
}

function toFinding(
  c: Case,
  { cause, mechanism, fit }: Account,
  confidence: number,
  x: View,
): Accounts['findings'][number] {
  const kind = mechanism.kind?.(x)
  const limits = limitsReached(c, mechanism)
  const share = (quantity: 'aas' | 'connections') => {
    const [before, during] = [x.before(quantity), x.during(quantity)]
    return before === undefined || !during ? 0 : confidence * Math.max(0, 1 - before / during)
  }
  return {
    cause,
    ...(kind === undefined ? {} : { kind }),
    severity: 'warning',
    confidence,
    share: { aas: share('aas'), slots: share('connections'), failures: 0 },
    onset: c.incident.from,
    title: [mechanism.title, ...limits.slice(0, 1)].join(': '),
    because: [mechanism.title, ...limits.slice(0, 1)].join(': '),
    evidence: [...limits.map(speaksFor), ...fit.evidence],
    ...subjectOf(mechanism, x),
    remedies: mechanism.remedies,
  }
}

/** The statement that it is about. */
function subjectOf({ ofStatement }: Mechanism, { gained }: View): Pick<Finding, 'subject'> {
  if (!ofStatement || !gained || gained.share < 0.5) return {}
  const { statementId, statement } = gained
  return { subject: { statementId, ...(statement === undefined ? {} : { statement }) } }
}

/** What ran out meanwhile, in numbers: what is gone before what is only reached. */
function limitsReached({ evidence, incident }: Case, { ranOut }: Mechanism): string[] {
  const said = evidence.events.filter(
    ({ t, source, message }) =>
      source === 'catalog' && ranOut?.test(message) && t >= incident.from && t < incident.to,
  )
  return ['balance-gone', 'limit-reached'].flatMap(kind =>
    said.filter(event => event.kind === kind).map(({ message }) => message),
  )
}

/** Why it is not the cause: the contradiction that weighs most, else the need that is met least. */
function verdictOf({ known, claims }: Fit): Judgement {
  const missing = claims.find(claim => !claim.contradicts && claim.degree === undefined)
  if (known < KNOWN && missing) return cannotTell(`whether ${missing.text}`)
  const lack = (claim: Claim) =>
    claim.weight * (claim.contradicts ? (claim.degree ?? 0) : 1 - (claim.degree ?? 1))
  const worst = claims.reduce((most, claim) => (lack(claim) > lack(most) ? claim : most))
  return ruledOut(worst.contradicts ? worst.text : `not so: ${worst.text}`)
}
