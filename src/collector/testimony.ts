// Lays what logs and poolers tell of other clients beside the samples, tick by tick, without Spillway's own attempts.
import type { Evidence, Failure, FailureCount, ProbeResult, Target, Testimony, Tick } from '../model/index.ts'

/** Failures of sessions that had been opened: no failed connects. */
const LATER: readonly Failure[] = ['session-ended', 'connection-reset']
/** Times of two machines differ, and a log may have whole seconds only: ticks. */
const NEAR_TICKS = 2

/** What is of another time is left out; an event of before may tell what still holds. */
export function withTestimony(evidence: Evidence, said: Testimony): Evidence {
  const { from, to, tickMs } = evidence
  const within = (t: number) => t >= from && t < to
  const tickOf = (t: number) => from + Math.floor((t - from) / tickMs) * tickMs
  const told = said.failures
    .filter(({ t }) => within(t))
    .map(failure => ({ ...failure, t: tickOf(failure.t) }))
  const failures = joined(withoutOwn(told, evidence))
  const opened = new Map<number, number>()
  for (const { t, count } of said.opened ?? [])
    if (within(t)) opened.set(tickOf(t), (opened.get(tickOf(t)) ?? 0) + count)
  const failed = new Map<number, number>()
  for (const { t, failure, count } of failures)
    if (!LATER.includes(failure)) failed.set(t, (failed.get(t) ?? 0) + count)
  return {
    ...evidence,
    ticks: said.complete
      ? evidence.ticks.map(tick => withRates(tick, tickMs, failed, said.opened ? opened : undefined))
      : evidence.ticks,
    failures: inOrder([...evidence.failures, ...failures]),
    events: inOrder([...evidence.events, ...said.events.filter(({ t }) => t < to)]),
  }
}

const inOrder = <T extends { t: number }>(all: T[]): T[] => all.sort((a, b) => a.t - b.t)

/** Every probe that the server refused stands in its log too, once. */
function withoutOwn(told: FailureCount[], { probes, target, tickMs }: Evidence): FailureCount[] {
  const left = told.map(failure => ({ ...failure }))
  for (const probe of probes) {
    const own = left
      .filter(({ count, ...one }) => count > 0 && couldBe(one, probe, target, NEAR_TICKS * tickMs))
      .sort((a, b) => Math.abs(a.t - probe.t) - Math.abs(b.t - probe.t))[0]
    if (own) own.count--
  }
  return left.filter(({ count }) => count > 0)
}

const couldBe = (
  one: Pick<FailureCount, 't' | 'failure' | 'source' | 'user'>,
  probe: ProbeResult,
  { user, viaPooler }: Target,
  nearMs: number,
): boolean =>
  // Who comes through a pooler is refused there, and unknown to the server.
  one.source === (viaPooler ? 'pooler' : 'log') &&
  one.failure === probe.failure &&
  (one.user === undefined || user === undefined || one.user === user) &&
  Math.abs(one.t - probe.t) <= nearMs

/** Counts of one tick that differ in nothing become one. */
function joined(failures: FailureCount[]): FailureCount[] {
  const groups = new Map<string, FailureCount>()
  for (const failure of failures) {
    const { count, ...what } = failure
    const key = JSON.stringify(Object.entries(what).sort(([a], [b]) => (a < b ? -1 : 1)))
    const known = groups.get(key)
    if (known) known.count += count
    else groups.set(key, { ...failure })
  }
  return [...groups.values()]
}

/** A gap stays one; what the server counted itself is better than its log. */
function withRates(
  tick: Tick,
  tickMs: number,
  failed: Map<number, number>,
  opened: Map<number, number> | undefined,
): Tick {
  if (Object.keys(tick.signals).length === 0) return tick
  const rate = (counts: Map<number, number>) => ((counts.get(tick.t) ?? 0) * 1_000) / tickMs
  const signals = { connections_failed_per_s: rate(failed), ...tick.signals }
  return {
    ...tick,
    signals: opened ? { connections_opened_per_s: rate(opened), ...signals } : signals,
  }
}
