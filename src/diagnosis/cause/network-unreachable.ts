// Nobody gets through to the server: DNS, a route, a security group, nothing that listens.

import { median } from '../../load/index.ts'
import type { EvidenceEvent, Failure } from '../../model/index.ts'
import type { Case } from '../case.ts'
import type { Failed } from '../failed.ts'
import { heldShare, met, mostOften } from '../met.ts'
import { failureWords } from '../path.ts'
import { hasRestarted } from '../restart.ts'
import {
  cannotTell,
  type Found,
  found,
  type Judgement,
  nothing,
  type Rule,
  ruledOut,
  speaksAgainst,
  speaksFor,
} from '../rule.ts'
import { eventsWithin, isShutGate } from '../said.ts'
import { percent, round1 } from '../say.ts'

const KINDS: Partial<Record<Failure, string>> = {
  'name-not-resolved': 'dns',
  'connection-refused': 'refused',
  'connect-timeout': 'dropped',
  unreachable: 'no-route',
  // Where the server is silent to everybody: it is behind something that takes the connection for it.
  'handshake-timeout': 'dropped',
  'connection-reset': 'refused',
}
const SILENT: readonly Failure[] = ['handshake-timeout', 'connection-reset']
/** Share of the attempts since the first that died on the way; where more get through it is loss, not a wall. */
const WALL = 0.8
/** How sure each kind is by itself: who drops packets says nothing, and a server that has ended listens as little. */
const SURE: Record<string, number> = { dns: 0.95, 'no-route': 0.95, refused: 0.8, dropped: 0.8 }

export const networkUnreachable: Rule = { cause: 'network-unreachable', hear }

function hear(c: Case): Judgement {
  const shut = shutGates(c)
  const onTheWay = c.failed.filter(one => isOnTheWay(one, c))
  const failure = mostOften(onTheWay, one => one.failure) as Failure | undefined
  if (!failure)
    return shut.length > 0 && c.probes.every(({ ok }) => !ok) ? found(byGates(c, shut)) : whyNot(c)
  const kind = KINDS[failure]!
  if (kind === 'refused' && hasRestarted(c)) return ruledOut('the server itself was restarting')
  const failed = onTheWay.filter(one => KINDS[one.failure] === kind)
  const share = shareSince(c, failed)
  if ((kind === 'dropped' || SILENT.includes(failure)) && share < WALL)
    return ruledOut(`${percent(1 - share)} of the attempts get through`)
  return found(
    finding(
      c,
      failed,
      kind,
      shut.filter(gate => fits(gate, kind)),
    ),
  )
}

function isOnTheWay({ failure }: Failed, c: Case): boolean {
  if (!(failure in KINDS)) return false
  return !SILENT.includes(failure) || isSilent(c)
}

/** Whether the held connection has died with the attempts. */
function isSilent({ evidence, incident, failed }: Case): boolean {
  const { sampled, ticks } = heldShare(evidence.ticks, {
    from: failed[0]?.t ?? incident.from,
    to: incident.to,
  })
  return sampled < ticks / 2
}

const shareSince = ({ probes }: Case, failed: Failed[]): number => {
  const own = failed.filter(({ source }) => source === 'probe')
  if (own.length === 0) return 1
  const since = probes.filter(({ t }) => t >= own[0]!.t)
  return own.length / Math.max(1, since.length)
}

function finding(c: Case, failed: Failed[], kind: string, gates: EvidenceEvent[]): Found {
  const { who, ...seen } = met(failed, c)
  const words = failureWords(failed[0]!.failure)
  const [gate] = gates
  const open = eventsWithin(c.evidence, c.incident).find(
    ({ source, kind }) => source === 'network' && kind === 'open',
  )
  const silent = SILENT.includes(failed[0]!.failure)
  return {
    ...seen,
    kind,
    confidence: gate ? 0.98 : Math.max(0.55, SURE[kind]! - (open ? 0.2 : 0) - (silent ? 0.15 : 0)),
    title: gate ? gate.message : words,
    because: gate ? gate.message : words,
    evidence: [
      ...gates.map(({ message }) => speaksFor(message)),
      ...seen.evidence,
      ...(open && kind === 'dropped' ? [speaksAgainst(open.message)] : []),
      ...(silent ? [speaksAgainst('a server that is frozen would look the same from here')] : []),
    ],
    remedies: [],
    gone: nothing,
    answers: one => KINDS[one.failure] === kind || (silent && SILENT.includes(one.failure)),
  }
}

/** No attempt was made, but the way was looked at. */
function byGates(c: Case, gates: EvidenceEvent[]): Found {
  const { message } = gates[0]!
  return {
    kind: gates.some(gate => fits(gate, 'dns'))
      ? 'dns'
      : gates.some(gate => fits(gate, 'no-route'))
        ? 'no-route'
        : 'dropped',
    confidence: 0.9,
    onset: c.incident.from,
    title: message,
    symptom: 'Clients cannot reach the port.',
    because: message,
    evidence: gates.map(gate => speaksFor(gate.message)),
    remedies: [],
    gone: nothing,
    outside: true,
  }
}

const shutGates = ({ evidence, incident }: Case): EvidenceEvent[] =>
  evidence.events.filter(event => isShutGate(event) && (incident.ongoing || event.t <= incident.to))

/** Which gate brings about which failure: AWS drops, it does not refuse. */
function fits({ kind }: EvidenceEvent, failing: string): boolean {
  const gate = kind.replace('shut-', '')
  return failing === 'dns'
    ? gate === 'dns'
    : failing === 'no-route'
      ? gate === 'route'
      : failing === 'dropped' && gate !== 'dns'
}

function whyNot({ probes }: Case): Judgement {
  const connect = probes.flatMap(({ phaseMs }) => phaseMs.connect ?? [])
  if (probes.length === 0) return cannotTell('connection attempts (spillway probe)')
  return ruledOut(
    connect.length === probes.length
      ? `all ${probes.length} attempts reached the server, TCP connect in ${round1(median(connect))} ms (median)`
      : 'attempts reached the server',
  )
}
