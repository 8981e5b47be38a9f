// A replica: takes the reads that are routed to it, and nothing else.
import { load } from '../../load/index.ts'
import type { Instance, Step, Target } from '../../model/index.ts'
import { predict } from '../predict.ts'
import { instancePrice } from '../price.ts'
import { type Reads, routableReads } from '../reads.ts'
import { percent, type Remedy } from '../remedy.ts'
import type { Situation } from '../situation.ts'
import { rdsName, replicaSteps } from '../step.ts'
import { offeredWork } from '../work.ts'

/** Below this share of routable reads a replica is hardly used. */
const WORTH = 0.25
/** Above this use a queue grows long. */
const GOOD_USE = 0.75
/** As many as RDS and Aurora have. */
const MOST = 15

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

function advised(s: Situation, reads: Reads) {
  const { target } = s.evidence
  const { replicas, away, writer, reader } = split(s, reads.share)
  const aurora = target.instance?.cluster !== undefined
  const steps = replicaSteps(target, replicas)
  const effect = predict(s, { away }, summaryOf(reads, { replicas, away, writer, reader }))
  return {
    horizon: 'for-good' as const,
    title: titleOf(replicas, aurora),
    effect,
    cost: 'the applications have to send their reads there, and bear that they are a moment old',
    reversible: false,
    price: instancePrice(target, s.market, replicas),
    routing: { replicas, share: away / reads.share },
    steps,
    commands: [...(target.instance ? [create(target.instance, steps)] : []), routing(target, aurora)],
  }
}

interface Split {
  replicas: number
  /** Share of the load that goes to them, all together. */
  away: number
  /** How much of each is used then; undefined where the vCPUs or the work are not known. */
  writer: number | undefined
  reader: number | undefined
}

/** As few as leave nobody full, each as large as the writer, which keeps its share of the reads. */
function split(s: Situation, share: number): Split {
  const { vcpus } = s.evidence.target
  const offered = offeredWork(s)
  const use = vcpus === undefined || offered === undefined ? undefined : offered / vcpus
  const at = (replicas: number): Split => {
    const away = Math.min(share, replicas / (replicas + 1))
    return {
      ...{ replicas, away },
      writer: use === undefined ? undefined : use * (1 - away),
      reader: use === undefined ? undefined : (use * away) / replicas,
    }
  }
  const all = Array.from({ length: MOST }, (_, i) => at(i + 1))
  // What has to stay on the writer no replica takes: more of them than take the reads are of no use.
  const isEnough = ({ writer = 0, reader = 0, away }: Split) =>
    reader <= GOOD_USE && (writer <= GOOD_USE || away === share)
  return all.find(isEnough) ?? all.at(-1)!
}

function summaryOf({ share, statements }: Reads, { replicas, away, writer, reader }: Split): string {
  const routed = `${percent(away / share)} of them go to ${replicas === 1 ? 'it' : `the ${replicas}`}`
  const used =
    writer === undefined || reader === undefined
      ? ''
      : `: the writer is used to ${percent(writer)} then, ${replicas === 1 ? 'the replica' : 'each replica'} to ${percent(reader)}`
  return `${percent(share)} of the load are reads that stand alone (${statements.join(', ')}); ${routed}${used}; locks and writes stay`
}

function titleOf(replicas: number, aurora: boolean): string {
  if (replicas === 1)
    return aurora ? 'one more reader in the cluster' : 'a read replica, and the reads routed to it'
  return aurora
    ? `${replicas} more readers in the cluster`
    : `${replicas} read replicas, and the reads routed to them`
}

/** Made as its source is: of its class, behind its security groups, and waited for. */
const create = (instance: Instance, steps: readonly Step[]): string =>
  `spillway plan ${rdsName(instance)} --set replica=${steps.map(({ after }) => after).join(',')} --json > plan.json && spillway apply plan.json`

/** RDS has no reader endpoint for instances, and RDS Proxy takes no replica of RDS as its target. */
function routing({ engine }: Target, aurora: boolean): string {
  if (aurora)
    return '(in each application: reads to the reader endpoint of the cluster, in a pool of its own)'
  return engine === 'postgres'
    ? '(in each application: a second pool for reads, host=replica,writer target_session_attrs=prefer-standby)'
    : '(in each application: a second pool for reads on the replica, or a router that splits them)'
}
