// A mechanism: how a cause moves the signals. What must move, what would contradict, what it brings with it.
import type { EvidenceItem, RemedyCode } from '../../model/index.ts'
import { isMissing, speaksAgainst, speaksFor } from '../weigh.ts'
import type { Changes } from './change.ts'
import type { Quantity } from './table.ts'
import type { Degree, View } from './view.ts'

export interface Claim {
  degree: Degree
  text: string
  /** How much depends on it; a contradiction has none. */
  weight: number
  contradicts: boolean
  /** What it is told by. Where this was not measured the cause is not judged: that nothing else rose is no proof. */
  decisive?: true
}

export interface Mechanism {
  title: string
  claims(x: View): Claim[]
  kind?(x: View): string | undefined
  /** Signals that rise because of it. A rise that is not among them has another reason. */
  raises: readonly Quantity[]
  /** Which of the limits that the cloud says were reached is its own: what names it in the message. */
  ranOut?: RegExp
  /** No surer than this: what would tell it from its like cannot be counted. */
  atMost?: number
  /** The statement that took the additional load is its subject. */
  ofStatement?: true
  remedies: RemedyCode[]
}

export const needs = (degree: Degree, text: string, weight = 1): Claim => ({
  degree,
  text,
  weight,
  contradicts: false,
})

export const shows = (degree: Degree, text: string, weight = 1): Claim => ({
  ...needs(degree, text, weight),
  decisive: true,
})

/** `weight`: how far it rules the cause out when it is fully true. */
export const contradicts = (degree: Degree, text: string, weight = 0.9): Claim => ({
  degree,
  text,
  weight,
  contradicts: true,
})

export interface Fit {
  /** How well the mechanism accounts for the changes, 0 to 1. */
  score: number
  /** Share of what it needs to know that was measured. */
  known: number
  evidence: EvidenceItem[]
  claims: Claim[]
}

/** A need that is not met at all leaves this much, so that one bad signal does not silence all others. */
const LEAST = 0.03

export function fitOf(mechanism: Mechanism, x: View, changes: Changes): Fit {
  const claims = mechanism.claims(x)
  const wanted = claims.filter(claim => !claim.contradicts)
  const met = wanted.filter(({ degree }) => degree !== undefined)
  const weight = (of: Claim[]) => of.reduce((sum, claim) => sum + claim.weight, 0)
  const needed = Math.exp(
    met.reduce((sum, claim) => sum + claim.weight * Math.log(Math.max(LEAST, claim.degree!)), 0) /
      Math.max(1e-9, weight(met)),
  )
  const contradicted = claims
    .filter(claim => claim.contradicts)
    .reduce((left, claim) => left * (1 - claim.weight * (claim.degree ?? 0)), 1)
  // What has more against it than for it is no account, however close each of its needs comes.
  const holds = weight(met.filter(({ degree }) => degree! >= 0.5)) / Math.max(1e-9, weight(met))
  const fit = needed * contradicted * Math.min(1, 2 * holds) * (mechanism.atMost ?? 1)
  return {
    score: met.length === 0 ? 0 : fit * (1 - 0.4 * unexplained(changes, [mechanism])),
    known: wanted.some(claim => claim.decisive && claim.degree === undefined)
      ? 0
      : weight(met) / weight(wanted),
    evidence: claims.flatMap(evidenceOf),
    claims,
  }
}

/** Share of all rises that none of the mechanisms brings about; falls need no reason of their own: less is done. */
export function unexplained(changes: Changes, mechanisms: readonly Mechanism[]): number {
  let [all, open] = [0, 0]
  for (const [quantity, { log, sure }] of changes) {
    if (NEUTRAL.includes(quantity) || log <= 0) continue
    const weight = Math.min(1.5, log) * Math.max(0, sure) ** 2
    all += weight
    if (!ALWAYS.includes(quantity) && !mechanisms.some(({ raises }) => raises.includes(quantity)))
      open += weight
  }
  return all === 0 ? 0 : open / all
}

/** Stocks, and what is left over when others are busy: their rise says nothing. */
const NEUTRAL: readonly Quantity[] = [
  ...(['cpu_idle_pct', 'memory_free_bytes', 'swap_used_bytes', 'storage_free_bytes'] as const),
  ...(['buffer_free_pages', 'buffer_dirty_pages', 'buffer_size_bytes', 'buffer_hit_ratio'] as const),
  ...(['max_connections', 'usable_slots', 'processes_created_per_s', 'aas_exact'] as const),
]
/** Rises in every incident: sessions take longer, so more of them are at work at once. */
const ALWAYS: readonly Quantity[] = ['latency_ms', 'aas', 'connections_active', 'connections']

function evidenceOf({ degree, text, contradicts: against }: Claim): EvidenceItem[] {
  if (degree === undefined) return against ? [] : [isMissing(text)]
  if (against) return degree >= 0.5 ? [speaksAgainst(text)] : []
  return [degree >= 0.5 ? speaksFor(text) : speaksAgainst(`not: ${text}`)]
}
