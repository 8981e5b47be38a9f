// The server stops, recovers, fails over or is maintained: for that time it takes nobody in.
import type { EvidenceEvent, Failure } from '../../model/index.ts'
import type { Case } from '../case.ts'
import { countOf } from '../failed.ts'
import { isRenewed, restartEvents, saysItRestarts } from '../restart.ts'
import {
  cannotTell,
  found,
  isMissing,
  type Judgement,
  nothing,
  type Rule,
  ruledOut,
  speaksFor,
} from '../rule.ts'
import { hasCategory } from '../said.ts'
import { plural } from '../say.ts'

/** What its clients meet before it listens again, and as it goes. */
const MEANWHILE: readonly Failure[] = [
  'connection-refused',
  'connection-reset',
  'handshake-timeout',
  'session-ended',
]

export const serverRestarting: Rule = { cause: 'server-restarting', hear }

function hear(c: Case): Judgement {
  const says = c.failed.filter(saysItRestarts)
  const events = restartEvents(c)
  const renewed = isRenewed(c)
  if (says.length === 0 && events.length === 0 && !renewed) return whyNot(c)
  const kind = kindOf(
    events,
    says.some(({ failure }) => failure === 'server-stopping'),
  )
  const first = [...says, ...events, ...c.failed.filter(({ failure }) => MEANWHILE.includes(failure))]
  const what =
    kind === 'failover' ? 'fails over to its standby' : kind === 'crash' ? 'crashed and recovers' : 'restarts'
  return found({
    ...(kind ? { kind } : {}),
    confidence: says.length > 0 || events.length > 0 ? 0.95 : 0.7,
    onset: Math.min(...first.map(({ t }) => t), c.incident.from),
    title: `the server ${what}`,
    symptom: `The server ${what}: nobody gets in meanwhile.`,
    because: `the server ${what}${events[0] ? ` (${events[0].message})` : ''}`,
    evidence: [
      ...(says.length > 0
        ? [speaksFor(`${plural(countOf(says), 'connection')} met a server that starts or stops`)]
        : []),
      ...events.slice(-3).map(({ source, message }) => speaksFor(`${source}: ${message}`)),
      ...(renewed ? [speaksFor('nobody listened for a while, and no session is older than that')] : []),
      ...(events.length === 0 ? [isMissing('why it restarted: its log, or the events of RDS')] : []),
    ],
    remedies: [],
    gone: nothing,
    answers: one => saysItRestarts(one) || MEANWHILE.includes(one.failure),
    outside: true,
  })
}

function kindOf(events: EvidenceEvent[], stopping: boolean): string | undefined {
  if (events.some(event => hasCategory(event, ['failover']))) return 'failover'
  if (events.some(event => hasCategory(event, ['maintenance']))) return 'maintenance'
  if (events.some(event => hasCategory(event, ['backend-crashed', 'recovery']))) return 'crash'
  return stopping || events.some(event => hasCategory(event, ['server-stopping', 'availability']))
    ? 'restart'
    : undefined
}

const whyNot = ({ probes }: Case): Judgement =>
  probes.length > 0
    ? ruledOut('no attempt met a server that starts or stops')
    : cannotTell('connection attempts, and the events of the server')
