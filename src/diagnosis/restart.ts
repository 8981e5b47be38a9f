// Whether the server itself went away and came back: by what it says, by its log, by sessions that are all new.
import type { Evidence, EvidenceEvent, Failure, Incident } from '../model/index.ts'
import type { Case } from './case.ts'
import { eventsWithin, isRestart } from './said.ts'

const SAYS_SO: readonly Failure[] = ['server-starting', 'server-stopping']

export const saysItRestarts = ({ failure }: { failure: Failure }): boolean => SAYS_SO.includes(failure)

export const restartEvents = ({ evidence, incident }: Case): EvidenceEvent[] =>
  eventsWithin(evidence, { from: incident.from, to: backAfter(evidence, incident) }).filter(isRestart)

/** The first sample after an incident: it takes a moment to get in again, and then the server's age tells what happened. */
const backAfter = ({ ticks }: Evidence, { to }: Incident): number =>
  ticks.find(tick => tick.t >= to && tick.sessions)?.t ?? to

/** Nobody listened for a while, and since then no session is older than that. */
export function isRenewed({ evidence: { ticks, probes } }: Case): boolean {
  const refused = probes.filter(({ failure }) => failure === 'connection-refused')
  const [first, last] = [refused[0]?.t, refused.at(-1)?.t]
  if (first === undefined || last === undefined) return false
  const after = ticks.flatMap(({ t, sessions = [] }) => (t > last ? sessions : []))
  const started = after.flatMap(({ startedAt }) => (startedAt === undefined ? [] : Date.parse(startedAt)))
  return started.length > 0 && started.every(t => t >= first)
}

export const hasRestarted = (c: Case): boolean =>
  c.failed.some(saysItRestarts) || restartEvents(c).length > 0 || isRenewed(c)
