// A replica cannot keep up with its writer: what it answers is old, and its own readers hold it up.
import { isBehind, lagOf } from '../behind.ts'
import type { Case } from '../case.ts'
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
import { round1 } from '../say.ts'
import { LOCKS, STORAGE } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { ramp } from '../weigh.ts'

/** Seconds behind that a reader notices, and that are many. */
const NOTICED_S = 2
const MANY_S = 10

const mechanism: Mechanism = {
  title: 'the replica falls behind its writer',
  claims: x => {
    const lag = x.during('replica_lag_s')
    return [
      shows(x.rises('replica_lag_s', 3), 'the replica is further behind', 2),
      needs(
        lag === undefined ? undefined : ramp(lag, NOTICED_S, MANY_S),
        'by seconds that readers notice',
        2,
      ),
      contradicts(x.rises('calls', 1.5), 'more calls are made here', 0.6),
      contradicts(x.cpuFull, 'the CPU is full', 0.5),
      contradicts(x.addedMany, 'more sessions are at work', 0.5),
    ]
  },
  raises: [...STORAGE, ...LOCKS, 'replica_lag_s', 'latency_ms'],
  remedies: [],
}

export const replicationLag: Rule = { cause: 'replication-lag', hear, mechanism }

/** What it says of itself: it holds neither sessions nor slots, and shows only in what readers miss. */
function hear(c: Case): Judgement {
  const [before, during] = [lagOf(c.before), lagOf(c.during)]
  if (during === undefined) return cannotTell('how far a replica is behind')
  // Without sessions nobody knows whether it is only that more is asked of the replica: the counters weigh that.
  if (c.during.every(tick => !tick.sessions)) return cannotTell('whether the replica is further behind')
  if (!isBehind(during, before ?? 0)) return ruledOut(`the replica is ${round1(during)} s behind`)
  const most = Math.max(...c.during.map(({ signals }) => signals.replica_lag_s ?? 0))
  return found({
    confidence: 0.6 + 0.3 * ramp(during, NOTICED_S, MANY_S),
    onset: c.incident.from,
    title: `the replica is up to ${Math.round(most)} s behind its writer`,
    symptom: `Readers see what was ${Math.round(most)} s ago.`,
    because: `the replica does not keep up with its writer: ${round1(during)} s behind on average`,
    evidence: [
      speaksFor(`${round1(during)} s behind on average, ${Math.round(most)} s at most`),
      before === undefined
        ? isMissing('how far it was behind before')
        : speaksFor(`${round1(before)} s before it`),
    ],
    remedies: [],
    gone: nothing,
    outside: true,
  })
}
