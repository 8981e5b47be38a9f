// One recording once more, as AWS would have shown it: no login, no session, means of a minute.
import type { Cause, EngineName, Evidence, EvidenceEvent } from '../../model/index.ts'
import { resampled } from '../resampled.ts'
import { scenario } from '../scenario/index.ts'
import type { FaultStep } from '../scenario.ts'
import type { Recording } from '../trial.ts'
import { about, type Judges, ranks, type TrialScore } from './trial.ts'

export interface CloudScore extends TrialScore {
  /** Why nothing that AWS shows can tell the cause; absent: it can. */
  unseen?: string
}

/** Each second of a trial stands for a minute: thirty seconds would be one point, or none. */
export const STRETCH = 60

/**
 * Asked as somebody asks who knows when it went wrong (`--since`), of a trial without a fault for the time after the calm. Whether
 * anything is said in peace is asked without a time.
 */
export const scoreCloud = (recording: Recording, { diagnose }: Judges): CloudScore => {
  const { truth, injection, ...name } = recording.truth
  const { evidence } = recording
  const since = truth && injection ? injection.t : evidence.from + (scenarioOf(recording)?.baselineMs ?? 0)
  const shown = shownOf(recording)
  const asked = diagnose(
    shownOf({ ...recording, evidence: { ...evidence, window: { from: since, to: evidence.to } } }),
  )
  const peace = truth ? cut(shown, injection ? later(evidence, injection.begunAt) : shown.to) : shown
  const findings: string[] = asked.findings.map(({ cause }) => cause)
  const said = asked.outcome === 'diagnosed' ? findings[0]! : asked.outcome
  const common = { ...name, said, findings, falseAlarm: diagnose(peace).outcome === 'diagnosed' }
  if (!truth || !injection) {
    const right = said === 'healthy'
    return { ...common, truth: 'healthy', top1: right, top2: right }
  }
  const unseen = unseenOn(name.engine, truth.cause)
  return {
    ...common,
    truth: truth.cause,
    ...ranks(findings, truth),
    ...about(asked, truth, undefined),
    ...(unseen === undefined ? {} : { unseen }),
  }
}

/** A recording through the eyes of AWS: what it samples and counts, and what RDS itself says of a fault that it notices. */
const shownOf = ({ evidence, truth }: Recording): Evidence => {
  const shown = resampled(evidence, { stretch: STRETCH })
  const fault = scenarioOf({ truth, evidence })?.fault ?? []
  const said = truth.injection
    ? fault.flatMap(step => eventsOf(step, later(evidence, truth.injection!.t)))
    : []
  return { ...shown, events: [...shown.events, ...said].sort((a, b) => a.t - b.t) }
}

const scenarioOf = ({ truth }: Recording) => scenario(truth.scenario, truth.engine)

const later = ({ from }: Evidence, t: number): number => from + (t - from) * STRETCH

const cut = (evidence: Evidence, to: number): Evidence => {
  const before = ({ t }: { t: number }) => t + evidence.tickMs <= to
  return {
    ...evidence,
    to: evidence.ticks.filter(before).at(-1)?.t ?? evidence.from,
    ticks: evidence.ticks.filter(before),
    failures: evidence.failures.filter(before),
    statements: evidence.statements.filter(before),
    events: evidence.events.filter(before),
  }
}

/** What RDS writes among its events (RDS-EVENT-0004, 0006, 0007, 0020, 0021). */
const eventsOf = (step: FaultStep, t: number): EvidenceEvent[] => {
  const say = (at: number, kind: string, message: string) => ({ t: at, source: 'rds', kind, message })
  if (step.do === 'fill-disk') return [say(t, 'low-storage', 'Allocated storage has been exhausted.')]
  if (step.do !== 'restart') return []
  const back = t + step.downMs * STRETCH
  return step.how === 'crash'
    ? [
        say(t, 'recovery', 'Recovery of the DB instance has started.'),
        say(back, 'recovery', 'Recovery of the DB instance is complete.'),
      ]
    : [say(t, 'availability', 'DB instance shutdown.'), say(back, 'availability', 'DB instance restarted.')]
}

const unseenOn = (engine: EngineName, cause: Cause): string | undefined =>
  UNSEEN[cause] ?? (engine === 'mysql' ? UNLOGGED[cause] : undefined)

/**
 * The error log of RDS for MySQL has starts, stops and errors; refused logins are notes, which it leaves out, and refusals by the limit of
 * an account stand in none. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.MySQL.LogFileSize.html
 */
const UNLOGGED: Partial<Record<Cause, string>> = {
  'auth-failure': 'MySQL logs it as a note at most, which RDS leaves out',
  'tls-failure': 'MySQL logs it as a note at most, which RDS leaves out',
  'role-limit': 'MySQL does not log it',
  'host-blocked': 'MySQL does not log it',
}

/** By what the cause is, not by what was said: what breaks outside of the instance leaves nothing there but fewer calls. */
const UNSEEN: Partial<Record<Cause, string>> = {
  'network-unreachable': 'the way to the server breaks',
  'network-degraded': 'the way to the server breaks',
  'client-pool-starved': 'requests wait inside of the application',
  'pooler-exhausted': 'the pooler is none of AWS',
}
