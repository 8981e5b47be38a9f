// Times at which connections fail, Spillway's own attempts and other clients'.
import { type Evidence, type Failure, type FailureCount, SLOT_FAILURES, type Tick } from '../model/index.ts'

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
    return timesFrom(probe.t, next ? (next.ok ? probe.t : next.t) : end, tickMs)
  })
}

/** Failures of other clients that are the server's trouble, however rare. */
const EVERYBODYS: readonly Failure[] = [
  ...SLOT_FAILURES,
  ...(['server-starting', 'server-stopping', 'out-of-memory', 'host-blocked'] as const),
]
/** Failures of sessions that had been opened say nothing of connecting. */
const LATER: readonly Failure[] = ['session-ended', 'connection-reset']
/** Whoever mistypes a password gives up after three; a role that nobody is in may be tried more often. */
const TYPED = 3
const TRIED = 10
/** What comes at intervals has begun, rather than not yet been seen, after so many of them without it. */
const INTERVALS = 3

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
  const [first, last] = [own[0], own.at(-1)]
  if (!first || !last) return false
  const interval = Math.max(tickMs, (last.t - first.t) / Math.max(1, own.length - 1))
  if (first.t - from < INTERVALS * interval) return false
  const tries = own.reduce((sum, { count }) => sum + count, 0)
  const isInUse = ticks.some(hasSessionsOf(first))
  return tries > (isInUse ? TYPED : TRIED)
}

const hasSessionsOf =
  ({ user, application }: FailureCount) =>
  ({ sessions = [], idle = [] }: Tick): boolean =>
    [...sessions, ...idle].some(
      one =>
        (user !== undefined && one.user === user) ||
        (application !== undefined && one.application === application),
    )

function spellsOf(own: FailureCount[], { tickMs }: Evidence): number[] {
  return own.flatMap(({ t }, i) => {
    const next = own[i + 1]?.t ?? t
    return timesFrom(t, next - t <= SPEAKS_MS ? next : t, tickMs)
  })
}

/** A moment, and each tick after it up to a time, but no longer than one attempt speaks. */
export function timesFrom(t: number, to: number, tickMs: number): number[] {
  const times = [t]
  for (let at = t + tickMs; at < Math.min(to, t + SPEAKS_MS); at += tickMs) times.push(at)
  return times
}
