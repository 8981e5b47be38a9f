// What the counters say of an incident: every mechanism against the changes, the best account first.
import type { Finding } from '../../model/index.ts'
import type { Case } from '../case.ts'
import { RULES } from '../cause/index.ts'
import type { Found, Rule } from '../rule.ts'
import { changesOf } from './change.ts'
import { type Fit, fitOf } from './mechanism.ts'
import { tabulate } from './table.ts'
import { viewOf } from './view.ts'

/** Below this the account of a mechanism is no finding. */
const FITS = 0.25
/** Share of what a mechanism needs to know that has to be measured. */
const KNOWN = 0.5

interface Account {
  rule: Rule
  fit: Fit
}

type Accounted = Finding & Pick<Found, 'because' | 'symptom'>

export function accountFor({ evidence, incident }: Case): Accounted[] {
  const { from, to } = incident
  const changes = changesOf(
    tabulate(evidence),
    evidence.ticks.map(({ t }) => t >= from && t < to),
  )
  const x = viewOf(changes)
  const accounts = RULES.flatMap((rule): Account[] =>
    rule.mechanism ? [{ rule, fit: fitOf(rule.mechanism, x, changes) }] : [],
  )
    .filter(({ fit }) => fit.score >= FITS && fit.known >= KNOWN)
    .sort((a, b) => b.fit.score - a.fit.score)
  return accounts.slice(0, 3).map(({ rule, fit }) => ({
    cause: rule.cause,
    ...kindOf(rule.mechanism!.kind?.(x)),
    severity: 'warning',
    confidence: fit.score,
    share: { aas: 0, slots: 0, failures: 0 },
    onset: from,
    title: rule.mechanism!.title,
    because: rule.mechanism!.title,
    evidence: fit.evidence,
    remedies: rule.mechanism!.remedies,
  }))
}

const kindOf = (kind: string | undefined) => (kind === undefined ? {} : { kind })
