// Evidence → incident → findings: one pure function, the same for live evidence, bundles and recorded incidents.
import {
  DIAGNOSIS_SCHEMA,
  type Diagnosis,
  type Evidence,
  type Incident,
  type Interval,
  type Outcome,
  type Skipped,
  SLOT_FAILURES,
  type StatementChange,
  type Tick,
} from '../model/index.ts'
import { makeCase } from './case.ts'
import { type Explanation, explain } from './explain.ts'
import { hiddenSessions } from './hidden.ts'
import { excludedByLoad } from './host.ts'
import { findIncident, LASTING_TICKS } from './incident.ts'
import { harmWithin } from './signal/shift.ts'
import { statementChanges } from './statements.ts'
import {
  blockingSummary,
  connects,
  holderSummary,
  lastEvents,
  loadSummary,
  others,
  slotSummary,
} from './summary.ts'
import { troubles } from './trouble.ts'
import { verdict } from './verdict.ts'

export { failureWords } from './path.ts'

/** Samples below which nothing is said of health. */
const FEWEST_SAMPLES = LASTING_TICKS

/** Deterministic: the same evidence gives the same answer. `now` (epoch milliseconds) is only written down. */
export function diagnose(evidence: Evidence, now: number): Diagnosis {
  const isEnoughSeen = isEnough(evidence)
  const seen = isEnoughSeen || tellsOfTheWay(evidence)
  const { incident: found, statements, ...explained } = seen ? investigate(evidence) : NOTHING_SEEN
  // Without an incident to be seen, calm is claimed only where most sessions could be looked at.
  const hidden = hiddenSessions(evidence.ticks)
  const { findings, ruledOut, skipped } = hidden ? withoutRulings(explained, hidden) : explained
  const blind = seen && !found && hidden !== undefined
  const outcome = blind ? 'insufficient-data' : outcomeOf(evidence, isEnoughSeen, found, findings)
  const incident = found && withOnset(found, findings)
  const ticks = incident
    ? evidence.ticks.filter(tick => tick.t >= incident.from && tick.t < incident.to)
    : evidence.ticks
  const probes = incident
    ? evidence.probes.filter(probe => probe.t >= incident.from && probe.t < incident.to)
    : evidence.probes
  const measured = {
    outcome,
    ...(incident ? { incident } : {}),
    load: loadSummary(ticks, evidence.target.vcpus),
    slots: slotSummary(evidence, ticks),
  }
  const connect = connects(probes)
  const inTime = ({ t }: { t: number }) => !incident || (t >= incident.from && t < incident.to)
  const told = others(evidence.failures.filter(inTime))
  const events = lastEvents(evidence.events.filter(({ t }) => !incident || t < incident.to))
  return {
    schema: DIAGNOSIS_SCHEMA,
    generatedAt: now,
    target: evidence.target,
    from: evidence.from,
    to: evidence.to,
    ...measured,
    verdict: blind ? [`Not known: ${hidden.reason}.`] : verdict(measured, probes, connect, findings),
    connect,
    ...(told ? { others: told } : {}),
    ...(events.length > 0 ? { events } : {}),
    blocking: blockingSummary(ticks),
    holders: holderSummary(ticks),
    findings: findings.map(({ because, symptom, ...finding }) => finding),
    ...(statements.length > 0 ? { statements } : {}),
    ruledOut: [...(hidden ? [] : excludedByLoad(measured.load)), ...ruledOut],
    skipped: [...(evidence.target.viaPooler ? [BEHIND_POOLER] : []), ...skipped],
  }
}

/** Counters say nothing by their level: there have to be ticks to compare with, and outside of a window that is marked. */
function isEnough({ ticks, window }: Evidence): boolean {
  const measured = ticks.filter(isMeasured)
  if (ticks.some(tick => tick.sessions)) return measured.length >= FEWEST_SAMPLES
  const outside = window ? measured.filter(({ t }) => t < window.from || t >= window.to) : measured
  return measured.length >= 2 * FEWEST_SAMPLES && outside.length >= FEWEST_SAMPLES
}

/** Attempts that die on the way, or at the door, need no sample to tell why. */
const tellsOfTheWay = ({ probes }: Evidence): boolean =>
  probes.filter(({ failure }) => failure && !SLOT_FAILURES.includes(failure)).length >= LASTING_TICKS

const isMeasured = (tick: Tick): boolean =>
  tick.sessions !== undefined || Object.keys(tick.signals).length > 0

interface Investigation extends Explanation {
  incident: Incident | undefined
  statements: StatementChange[]
}

const NOTHING_SEEN: Investigation = {
  incident: undefined,
  statements: [],
  findings: [],
  ruledOut: [],
  skipped: [],
}

/** What differs a little and has no cause that would fit is how systems are: no incident. */
function investigate(evidence: Evidence): Investigation {
  const found = findIncident(evidence)
  if (!found) return NOTHING_SEEN
  const { by, harm, sides, ...incident } = found
  const c = makeCase(evidence, incident, sides)
  const explained = explain(c)
  return by === 'counters' && harm < SERIOUS && explained.findings.length === 0
    ? NOTHING_SEEN
    : { incident, statements: statementChanges(c), ...explained }
}

/** Degree of harm that needs no cause to be an incident. */
const SERIOUS = 0.75

const BEHIND_POOLER: Skipped = {
  check: 'connects at the server',
  reason:
    'Spillway reaches it through a pooler: the connection attempts met the pooler, and clients that wait in its queue ' +
    'have no session at the server (name the server itself, and the pooler with --pgbouncer)',
}

/** What most sessions hide cannot be ruled out from the few that show themselves. */
const withoutRulings = ({ findings, ruledOut, skipped }: Explanation, hidden: Skipped): Explanation => ({
  findings,
  ruledOut: [],
  skipped: [hidden, ...ruledOut.map(({ cause }) => ({ check: cause, reason: hidden.reason })), ...skipped],
})

function outcomeOf(
  evidence: Evidence,
  seen: boolean,
  incident: Incident | undefined,
  findings: Explanation['findings'],
): Outcome {
  if (findings.length > 0) return 'diagnosed'
  if (!seen) return 'insufficient-data'
  if (!incident) return 'healthy'
  if (evidence.window && !hasTrouble(evidence, evidence.window)) return 'healthy'
  return 'unknown'
}

/** Whether anything is wrong inside the window that somebody marked. */
function hasTrouble(evidence: Evidence, { from, to }: Interval): boolean {
  if (harmWithin(evidence, { from, to }) >= SERIOUS) return true
  const bad = troubles(evidence).filter(
    (found, i) => found.length > 0 && evidence.ticks[i]!.t >= from && evidence.ticks[i]!.t < to,
  )
  // Sessions show trouble for what it is. A counter that is high for a tick may be how it scatters.
  return bad.length >= (evidence.ticks.some(tick => tick.sessions) ? 1 : FEWEST_SAMPLES)
}

/** A cause begins no later than its effects: the root's onset is the incident's, where it is earlier. */
function withOnset(incident: Incident, [root]: Explanation['findings']): Incident {
  return root ? { ...incident, onset: Math.min(incident.onset, root.onset) } : incident
}
