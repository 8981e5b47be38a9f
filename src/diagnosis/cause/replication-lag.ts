// A replica cannot keep up with its writer: what it answers is old, and its own readers hold it up.
import type { Rule } from '../rule.ts'
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

export const replicationLag: Rule = { cause: 'replication-lag', mechanism }
