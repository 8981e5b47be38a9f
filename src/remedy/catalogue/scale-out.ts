// A replica: takes the reads that are routed to it, and nothing else.
import { load } from '../../load/index.ts'
import type { Instance, Step, Target } from '../../model/index.ts'
import { predict } from '../predict.ts'
import { instancePrice } from '../price.ts'
import { type Reads, routableReads } from '../reads.ts'
import { percent, type Remedy } from '../remedy.ts'
import type { Situation } from '../situation.ts'
import { rdsName } from '../step.ts'

/** Below this share of routable reads a replica is hardly used. */
const WORTH = 0.25

export const scaleOut: Remedy = {
  code: 'scale-out',
  answers: ['load-surge', 'query-regression', 'cpu-starvation'],
  risk: 'medium',
  outage: 'none',
  permissions: {
    iam: ['rds:CreateDBInstanceReadReplica', 'rds:CreateDBInstance', 'rds:AddTagsToResource'],
    grants: [],
  },
  verify: 'AAS of the writer falls by the routed share, the replica’s lag stays below what readers can bear',
  weigh(s) {
    const title = 'a read replica'
    const { target } = s.evidence
    const { Lock: lock = 0 } = load(s.now).byWaitClass
    if (s.aas > 0 && lock / s.aas > 0.5)
      return {
        title,
        reason: `would not help: ${percent(lock / s.aas)} of the load waits for locks of writers`,
      }
    if (target.instance?.replicaOf !== undefined)
      return {
        title,
        reason: `it is a replica itself, of ${target.instance.replicaOf}: add another one there`,
      }
    const reads = routableReads(s)
    if (!reads) return { title, reason: 'whether the load is reads is not known: no statement was seen' }
    if (reads.share < WORTH)
      return {
        title,
        reason: `only ${percent(reads.share)} of the load are reads that stand alone; the rest has to stay`,
      }
    return advised(s, reads)
  },
}

function advised(s: Situation, { share, statements }: Reads) {
  const { target } = s.evidence
  // One replica as large as the writer takes half of the reads, the writer keeps the others.
  const away = share
  const aurora = target.instance?.cluster !== undefined
  const effect = predict(
    s,
    { away },
    `${percent(share)} of the load are reads that stand alone (${statements.join(', ')}); locks and writes stay`,
  )
  return {
    horizon: 'for-good' as const,
    title: aurora ? 'one more reader in the cluster' : 'a read replica, and the reads routed to it',
    effect,
    cost: 'the applications have to send their reads there, and bear that they are a moment old',
    reversible: false,
    price: instancePrice(target, s.market, 1),
    steps: steps(target),
    commands: [...(target.instance ? [create(target.instance)] : []), routing(target, aurora)],
  }
}

const steps = ({ instance }: Target): Step[] =>
  instance
    ? [
        {
          actuator: 'rds',
          what: { kind: 'read-replica' },
          before: null,
          after: freeName(instance),
          // Spillway deletes nothing: an unused replica is for a person to remove.
          reversible: false,
          outage: 'none',
          verify: ['api'],
        },
      ]
    : []

/** None of those that it has. */
function freeName({ id, replicas = [] }: Instance): string {
  for (let n = 1; ; n++) {
    const name = `${id.slice(0, 53)}-reader${n === 1 ? '' : `-${n}`}`
    if (!replicas.includes(name)) return name
  }
}

/** Made as its source is: of its class, behind its security groups, and waited for. */
const create = (instance: Instance): string =>
  `spillway plan ${rdsName(instance)} --set replica=${freeName(instance)} --json > plan.json && spillway apply plan.json`

/** RDS has no reader endpoint for instances, and RDS Proxy takes no replica of RDS as its target. */
function routing({ engine }: Target, aurora: boolean): string {
  if (aurora)
    return '(in each application: reads to the reader endpoint of the cluster, in a pool of its own)'
  return engine === 'postgres'
    ? '(in each application: a second pool for reads, host=replica,writer target_session_attrs=prefer-standby)'
    : '(in each application: a second pool for reads on the replica, or a router that splits them)'
}
