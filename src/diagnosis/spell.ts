// Times at which connections fail, Spillway's own attempts and other clients'.
import { type Evidence, type Failure, type FailureCount, SLOT_FAILURES } from '../model/index.ts'

/** Attempts that keep failing are made less often: longest time for which a failed one speaks when none follows, milliseconds. */
const SPEAKS_MS = 60_000

/**
 * Times at which connects fail: of each failed attempt, and of every tick from it to the next one when that failed as well, or to
 * the end of the evidence. Slots come and go: a refusal for want of one speaks for its moment only.
 */
export function failingSpells({ probes, ticks, tickMs }: Evidence): number[] {
  const end = (ticks.at(-1)?.t ?? 0) + tickMs
  return probes.flatMap((probe, i) => {
    if (probe.ok) return []
    if (probe.failure && SLOT_FAILURES.includes(probe.failure)) return [probe.t]
    const next = probes[i + 1]
    const until = Math.min(probe.t + SPEAKS_MS, next ? (next.ok ? probe.t : next.t) : end)
    const spell = [probe.t]
    for (let t = probe.t + tickMs; t < until; t += tickMs) spell.push(t)
    return spell
  })
}

/** Failures of other clients that are the server's trouble, however rare. */
const EVERYBODYS: readonly Failure[] = [
  ...SLOT_FAILURES,
  ...(['server-starting', 'server-stopping', 'out-of-memory', 'host-blocked'] as const),
]
/** Failures of sessions that had been opened say nothing of connecting. */
const LATER: readonly Failure[] = ['session-ended', 'connection-reset']
/** Nobody types a wrong password more often than that; an application does. */
const TYPED = 10

/** Times at which other clients fail, each from a failure to the next one alike. */
export function toldSpells(evidence: Evidence): number[] {
  const { failures } = evidence
  const everybodys = failures.filter(({ failure }) => EVERYBODYS.includes(failure)).map(({ t }) => t)
  return [
    ...everybodys,
    ...byClient(failures).flatMap(own => (isNews(own, evidence) ? spellsOf(own, evidence) : [])),
  ]
}

/** What one client meets, again and again. */
function byClient(failures: readonly FailureCount[]): FailureCount[][] {
  const clients = new Map<string, FailureCount[]>()
  for (const one of failures) {
    if (EVERYBODYS.includes(one.failure) || LATER.includes(one.failure)) continue
    const key = `${one.failure} ${one.user ?? ''} ${one.application ?? ''}`
    clients.set(key, [...(clients.get(key) ?? []), one])
  }
  return [...clients.values()]
}

/**
 * A wrong password is its owner's trouble. It is an incident when it begins within the evidence, and meets a role that has sessions,
 * so that it came in before, or somebody who tries on as no person does.
 */
function isNews(own: FailureCount[], { ticks, from, tickMs }: Evidence): boolean {
  const [first] = own
  if (!first || first.t < from + tickMs) return false
  const tries = own.reduce((sum, { count }) => sum + count, 0)
  return tries > TYPED || (tries > 1 && first.user !== undefined && ticks.some(hasSessionsOf(first.user)))
}

const hasSessionsOf =
  (user: string) =>
  ({ sessions = [], idle = [] }: Evidence['ticks'][number]): boolean =>
    sessions.some(session => session.user === user) || idle.some(group => group.user === user)

function spellsOf(own: FailureCount[], { tickMs }: Evidence): number[] {
  return own.flatMap(({ t }, i) => {
    const next = own[i + 1]?.t ?? t
    const until = next - t <= SPEAKS_MS ? next : t
    const spell = [t]
    for (let at = t + tickMs; at < until; at += tickMs) spell.push(at)
    return spell
  })
}
