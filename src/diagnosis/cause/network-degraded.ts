// Loss, congestion or delay between the clients and the server: the server waits for its clients.
import { isActive, median, poolKey, quantile } from '../../load/index.ts'
import type { IdleGroup, ProbeResult, Tick } from '../../model/index.ts'
import { type Case, meanOver } from '../case.ts'
import { idleCounts } from '../idle.ts'
import { beyond, cannotTell, found, type Judgement, type Rule, ruledOut, speaksFor } from '../rule.ts'
import { round1 } from '../say.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { both, least, missesMore, most, not, type View } from '../signal/view.ts'

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

export const networkDegraded: Rule = { cause: 'network-degraded', judge, mechanism }

/** Each way to the server and back takes at least so many times as long, and at least so much longer, milliseconds. */
const LATE = 5
const LATE_MS = 20
const FEWEST_BEFORE = 3
const FEWEST_NOW = 2
/** Sessions on CPU that are many on any machine. */
const PLENTY = 4

/**
 * Every round trip of Spillway's own connects is late, the quickest as well, while the server has nothing that would hold them up. A full server
 * answers late too, but now and then at once.
 */
function judge(c: Case): Judgement {
  const [before, during] = [
    roundTrips(c.evidence.probes.filter(({ t }) => t < c.incident.from)),
    roundTrips(c.probes),
  ]
  if (before.length < FEWEST_BEFORE || during.length < FEWEST_NOW)
    return cannotTell('how long a round trip takes, in peace and now')
  const [usual, now] = [median(before), quantile(during, 0.1)]
  if (now < LATE * usual || now < usual + LATE_MS || now < quantile(before, 0.75))
    return ruledOut(`the quickest round trips take ${round1(now)} ms, before it ${round1(usual)} ms`)
  const cpu = c.loadDuring.byWaitClass.CPU ?? 0
  if (cpu > (c.vcpus ?? PLENTY)) return ruledOut(`${round1(cpu)} sessions on CPU hold up everybody's answers`)
  return found({
    kind: 'delay',
    confidence: 0.9,
    onset: c.incident.from,
    title: `every round trip takes ${round1(now)} ms instead of ${round1(usual)} ms`,
    because: `every round trip between clients and server takes at least ${round1(now)} ms instead of ${round1(usual)} ms, and all hold their sessions and locks for as long`,
    evidence: [
      speaksFor(
        `round trips of Spillway's own connects: ${round1(usual)} → ${round1(median(during))} ms (median)`,
      ),
      speaksFor(`${round1(cpu)} sessions on CPU: the server itself has little to do`),
    ],
    remedies: ['pool-size'],
    gone: goneWith(c),
  })
}

/** The statement at the end of a connect is one round trip. */
const roundTrips = (probes: readonly ProbeResult[]): number[] =>
  probes.flatMap(({ phaseMs: { query } }) => query ?? [])

/** Sessions are at work, in a transaction, or taken out of a pool for longer: what there is more of than before. */
function goneWith(c: Case) {
  const others = (tick: Tick) => tick.sessions?.filter(session => !isActive(session)).length ?? 0
  const [active, open] = [c.loadBefore.aas, meanOver(c.before, others)]
  const idle = (key: string) => meanOver(c.before, tick => idleCounts(tick).get(key) ?? 0)
  const usual = new Map(
    [...new Set(c.during.flatMap(tick => [...idleCounts(tick).keys()]))].map(key => [key, idle(key)]),
  )
  return (tick: Tick) => ({
    sessions: [
      ...(beyond(tick, active, isActive).sessions ?? []),
      ...(beyond(tick, open, session => !isActive(session)).sessions ?? []),
    ],
    idle: (group: IdleGroup) => {
      const key = poolKey(group)
      const all = idleCounts(tick).get(key) ?? 0
      return all === 0 ? 0 : Math.floor((group.count * Math.max(0, all - (usual.get(key) ?? 0))) / all)
    },
  })
}
