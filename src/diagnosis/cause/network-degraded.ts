// Loss, congestion or delay between the clients and the server: the server waits for its clients.

import { median, poolKey, quantile, slotsByPool } from '../../load/index.ts'
import type { ProbeResult, SessionSample } from '../../model/index.ts'
import { type Case, meanOver } from '../case.ts'
import type { Failed } from '../failed.ts'
import { heldAnswers } from '../met.ts'
import { beyond, cannotTell, found, type Judgement, type Rule, ramp, ruledOut, speaksFor } from '../rule.ts'
import { percent, round1 } from '../say.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { both, least, missesMore, most, not, type View } from '../signal/view.ts'
import { isQuiet, slowAttempts } from '../slow.ts'

const mechanism: Mechanism = {
  title: 'the server has less to do and its clients wait longer: time is lost between them',
  claims: x => [
    needs(x.slower, 'calls fall or take longer', 2),
    shows(
      least(x.falls('calls', 1.5), most(x.falls('cpu_pct', 1.5), x.falls('buffer_reads_per_s', 1.5))),
      'the server does less',
    ),
    shows(quiet(x), 'nothing in it is busier than before: CPU, storage, log', 2),
    needs(writesLess(x), 'nor does it write what it wrote'),
    needs(
      most(x.falls('net_sent_bytes_per_s', 1.5), x.falls('net_received_bytes_per_s', 1.5)),
      'less goes over the network',
    ),
    needs(
      least(not(x.rises('aas', 1.3)), most(x.falls('aas', 1.1), x.rises('aas_client', 2), 0.25)),
      'sessions are less at work, not more',
    ),
    contradicts(x.addedMany, 'more sessions are at work'),
    contradicts(x.cpuFull, 'the CPU is full'),
    contradicts(most(x.rises('lock_wait_ms_per_s', 1.5), x.rises('aas_lock', 2)), 'sessions wait for locks'),
  ],
  raises: ['aas_client', 'lock_waiters', 'connections_idle_in_transaction', 'connections_idle'],
  remedies: [],
}

/** A server whose clients are held up outside has soon written back what they changed; a stall inside goes on writing. */
function writesLess(x: View) {
  const known = (['data_written_bytes_per_s', 'disk_write_bytes_per_s', 'pages_flushed_per_s'] as const).find(
    name => x.before(name),
  )
  return known && x.falls(known)
}

/** Whatever works leaves a trace in one of these; without a look at CPU and storage nobody can say that nothing works. */
const quiet = (x: View) =>
  both(
    least(not(x.rises('cpu_pct', 1.5)), not(x.rises('aas_cpu', 1.5))),
    least(
      ...[not(x.rises('cpu_iowait_pct', 1.5)), not(x.rises('aas_io', 1.5))],
      ...[not(x.rises('disk_write_bytes_per_s', 1.5)), not(x.rises('disk_queue_depth'))],
      not(x.rises('disk_write_latency_ms')),
    ),
    least(quietInside(x), 1),
  )

const quietInside = (x: View) =>
  least(
    not(x.rises('data_written_bytes_per_s', 1.5)),
    not(x.rises('pages_flushed_per_s', 1.5)),
    not(x.rises('buffer_misses_per_s', 1.5)),
    not(missesMore(x)),
    not(x.rises('rows_read_scan_per_s', 1.5)),
    not(x.rises('rows_inserted_per_s', 1.5)),
  )

export const networkDegraded: Rule = { cause: 'network-degraded', hear, mechanism }

/** Share of the attempts that are slow or lost, from which it is the network and no accident. */
const SUFFERS = 0.3
/** Where nearly none gets through it is a wall. */
const WALL = 0.8

/** Attempts that are slow or lost while the server has little to do, and answers over the held connection. */
function hear(c: Case): Judgement {
  if (c.probes.length === 0) return cannotTell('connection attempts (spillway probe)')
  const inTime = slowAttempts(c.evidence).filter(({ t }) => t >= c.incident.from && t < c.incident.to)
  const lost = c.failed.filter(one => one.source === 'probe' && isLost(one, c))
  const share = (inTime.length + lost.length) / c.probes.length
  if (share < SUFFERS || lost.length / c.probes.length > WALL)
    return ruledOut(
      lost.length > inTime.length && share >= SUFFERS
        ? 'no attempt gets through: a wall, not loss'
        : `${percent(share)} of the attempts are slow or lost on the way`,
    )
  const isRetried = inTime.some(({ phaseMs: { connect = 0 } }) => connect >= RETRY_MS)
  if (inTime.length >= lost.length && !isRetried && !isLateThroughout(c) && !isResent(c))
    return ruledOut('some attempts are answered as quickly as before: a busy host, not the way to it')
  const [slowMs, usualMs] = [inTime, c.evidence.probes.filter(one => one.ok && !inTime.includes(one))].map(
    all =>
      median(
        all.map(({ phaseMs: { resolve: _, ...way } }) => Object.values(way).reduce((sum, ms) => sum + ms, 0)),
      ),
  )
  const slow = `an attempt takes ${round1(slowMs || 0)} ms, else ${round1(usualMs || 0)} ms`
  const words =
    inTime.length >= lost.length ? slow : `${percent(share)} of the attempts are lost or late on the way`
  const outside = meanOver(c.before, ({ sessions = [] }) => sessions.filter(isHeldUp).length)
  const pools = slotsByPool(c.before)
  return found({
    kind: inTime.length >= lost.length ? 'delay' : 'loss',
    confidence: 0.6 + 0.3 * ramp(share, SUFFERS, WALL),
    onset: Math.min(...inTime.map(({ t }) => t), ...lost.map(({ t }) => t)),
    title: `time is lost between client and server: ${words}`,
    symptom: 'Connections succeed, and every answer comes late.',
    because: `time is lost on the way, and not in the server: ${words}`,
    evidence: [
      ...(inTime.length > 0 ? [speaksFor(slow)] : []),
      ...(lost.length > 0 ? [speaksFor(`${lost.length} of ${c.probes.length} attempts got no answer`)] : []),
      ...heldAnswers(c),
    ],
    remedies: [],
    // Who waits for its next statement keeps its transaction open, and others wait for its locks; and pools open more meanwhile.
    gone: tick => ({
      ...beyond(tick, outside, isHeldUp),
      idle: group => Math.max(0, group.count - Math.ceil(pools.get(poolKey(group)) ?? 0)),
    }),
    answers: one => LOST.includes(one.failure),
    outside: true,
  })
}

/** After so long a first packet without an answer is sent again (RFC 6298): the kernel answers it, however busy the host is. */
const RETRY_MS = 1_000
/** Of the attempts, so many are the quickest; a way that is longer makes these late as well, so many times and milliseconds. */
const QUICKEST = 0.1
const LATE = 5
const LATE_MS = 20

/** A busy host answers late too, but now and then at once. */
function isLateThroughout({ evidence, incident, probes }: Case): boolean {
  const ways = (all: readonly ProbeResult[]) => all.flatMap(({ phaseMs: { query } }) => query ?? [])
  const usual = median(ways(evidence.probes.filter(({ t }) => t < incident.from)))
  const now = quantile(ways(probes), QUICKEST)
  return !(now < LATE * usual || now < usual + LATE_MS)
}

/** The least time after which TCP sends a segment again, milliseconds (Linux TCP_RTO_MIN; RFC 6298 says a second), and its own grain. */
const RESEND_MS = 200 - 10
/** Late answers that it takes to tell, the share of them that has to fit, and how well, in timeouts. */
const FEWEST_LATE = 4
const RESENT = 0.9
const FITS = 0.15

/**
 * What is lost comes after a timeout, or after several, which double; what is not comes at once. So each phase of an attempt is
 * either as quick as ever or late by a multiple of the least. A busy host is late by anything.
 */
function isResent({ evidence, incident, probes }: Case): boolean {
  const before = evidence.probes.filter(({ ok, t }) => ok && t < incident.from)
  const late = (['tls', 'authenticate', 'query'] as const).flatMap(phase => {
    const ms = (all: readonly ProbeResult[]) => all.flatMap(({ phaseMs }) => phaseMs[phase] ?? [])
    const usual = median(ms(before))
    return ms(probes.filter(({ ok }) => ok)).flatMap(now => (now - usual > LATE_MS ? now - usual : []))
  })
  const timeout = Math.min(...late)
  const isMultiple = (ms: number) => Math.abs(ms / timeout - Math.round(ms / timeout)) <= FITS
  return (
    late.length >= FEWEST_LATE &&
    timeout >= RESEND_MS &&
    late.filter(isMultiple).length >= RESENT * late.length
  )
}

const LOST: readonly string[] = ['connect-timeout', 'handshake-timeout', 'connection-reset']

/** The kernel answers the first packet; what comes later, a busy server may not. */
const isLost = ({ failure, t }: Failed, { during, vcpus }: Case): boolean => {
  const tick = during.findLast(one => one.t <= t)
  return (
    failure === 'connect-timeout' || (LOST.includes(failure) && tick !== undefined && isQuiet(tick, vcpus))
  )
}

const isHeldUp = ({ state, waitClass }: SessionSample): boolean =>
  state === 'idle in transaction' || waitClass === 'Client' || waitClass === 'Lock'
