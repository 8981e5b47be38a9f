// Who met a failure: what it says for a finding, whom it is about, and since when.
import type { EvidenceItem, Subject, Tick } from '../model/index.ts'
import type { Case } from './case.ts'
import { countOf, type Failed } from './failed.ts'
import { failureWords } from './path.ts'
import type { Found } from './rule.ts'
import { plural, round1 } from './say.ts'
import { speaksAgainst, speaksFor } from './weigh.ts'

export type Met = Pick<Found, 'onset' | 'evidence'> & { symptom?: string; subject: Subject; who: string }

/** `failed`: one or more. */
export function met(failed: Failed[], c: Case): Met {
  const own = failed.filter(({ source }) => source === 'probe')
  const told = failed.filter(({ source }) => source !== 'probe')
  const about = told.length > 0 ? told : own
  const [user, application, host, database] = (['user', 'application', 'host', 'database'] as const).map(
    name => mostOften(about, one => one[name]),
  )
  const subject = { ...(user && { user }), ...(application && { application }), ...(host && { host }) }
  const who = user ? `role ${user}` : host ? `host ${host}` : 'a client'
  const words = failureWords(failed[0]!.failure)
  const others = countOf(told)
  return {
    onset: Math.min(...failed.map(({ t }) => t)),
    who,
    subject: { ...subject, ...(database && { database }) },
    ...(own.length === 0 && c.probes.every(({ ok }) => ok)
      ? { symptom: `${plural(others, 'connection')} of ${user ? who : 'other clients'} failed: ${words}.` }
      : {}),
    evidence: [
      ...(own.length > 0
        ? [speaksFor(`${own.length} of ${plural(c.probes.length, 'attempt')}: ${words}`)]
        : []),
      ...(others > 0
        ? [speaksFor(`${plural(others, 'connection')} of ${user ? who : 'other clients'}: ${words}`)]
        : []),
      ...heldAnswers(c),
    ],
  }
}

/** What the held connection says: a server that goes on answering it runs. */
export function heldAnswers({ evidence, incident, during, loadDuring: { aas } }: Case): EvidenceItem[] {
  const { sampled, ticks } = heldShare(evidence.ticks, incident)
  if (ticks === 0 || during.length === 0) return []
  return sampled >= ticks / 2
    ? [speaksFor(`the connection that was held goes on: the server runs, AAS ${round1(aas)}`)]
    : [speaksAgainst('the connection that was held gets no answer either')]
}

/** Ticks of an interval, and those of them that were sampled over the held connection. */
export function heldShare(ticks: readonly Tick[], { from, to }: { from: number; to: number }) {
  const within = ticks.filter(({ t }) => t >= from && t < to)
  return { sampled: within.filter(tick => tick.sessions).length, ticks: within.length }
}

export function mostOften<T extends { count: number }>(
  all: readonly T[],
  of: (one: T) => string | undefined,
): string | undefined {
  const counts = new Map<string, number>()
  for (const one of all) {
    const name = of(one)
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + one.count)
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
}
