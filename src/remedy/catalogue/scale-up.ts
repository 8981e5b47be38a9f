// A larger instance: more CPU, memory and I/O. It shortens waiting for those, and for nothing else.
import { load } from '../../load/index.ts'
import { available, smallestCure, usableWith } from '../offer.ts'
import { predict } from '../predict.ts'
import { classPrice } from '../price.ts'
import { percent, type Remedy } from '../remedy.ts'
import { meanOf, type Situation } from '../situation.ts'
import { instanceSteps } from '../step.ts'

const FULL_PCT = 90

export const scaleUp: Remedy = {
  code: 'scale-up',
  answers: ['load-surge', 'cpu-starvation'],
  risk: 'high',
  outage: 'minutes',
  permissions: {
    iam: ['rds:DescribeDBInstances', 'rds:DescribeOrderableDBInstanceOptions', 'rds:ModifyDBInstance'],
    grants: [],
  },
  verify: 'AAS of class CPU is below the vCPUs under the same load, and attempts succeed',
  weigh(s) {
    const title = 'a larger instance'
    const reason = reasonAgainst(s)
    if (reason !== undefined) return { title, reason }
    const { target } = s.evidence
    const { CPU: cpu = 0 } = load(s.now).byWaitClass
    const vcpus = target.vcpus!
    if (!s.market) return larger(s, cpu, vcpus)
    const cure = smallestCure(s)
    if (!cure)
      return { title, reason: 'no class on the list takes the whole load: take some of it away first' }
    const { offer, effect } = cure
    const usable = usableWith(s, offer)
    const ceiling = usable === undefined ? '' : `; usable slots ${s.usable} → ${usable}`
    const ebs = offer.ebs
      ? `; EBS ${offer.ebs.iops} operations and ${offer.ebs.mbPerS} MB a second for ever`
      : ''
    return {
      horizon: 'for-good',
      title: `${offer.name}: ${offer.vcpus} vCPUs instead of ${vcpus}`,
      effect: {
        ...effect,
        summary: `the smallest that takes the load: ${cpu.toFixed(1)} sessions want ${vcpus} vCPUs${credits(s)}${ceiling}${ebs}`,
      },
      cost: 'an outage of minutes while the class changes; every session ends, and the cache may be cold',
      reversible: true,
      price: classPrice(target, s.market, offer),
      steps: instanceSteps(target, offer.name),
      commands: [
        `aws rds modify-db-instance --db-instance-identifier ${target.instance?.id ?? '…'} --db-instance-class ${offer.name} --apply-immediately`,
      ],
    }
  },
}

/** Without a list of classes: twice as large, which is what the next size is. */
const larger = (s: Situation, cpu: number, vcpus: number) => ({
  horizon: 'for-good' as const,
  title: `a larger instance: ${2 * vcpus} vCPUs instead of ${vcpus}`,
  effect: predict(
    s,
    { vcpus: 2 * vcpus },
    `${cpu.toFixed(1)} sessions want ${vcpus} vCPUs: with twice as many the work is done in half the time or less`,
  ),
  cost: 'an outage of minutes while the class changes, and about twice the price',
  reversible: true,
  price: { note: 'which machine it is, is not known' },
  steps: [],
  commands: [
    'aws rds modify-db-instance --db-instance-identifier … --db-instance-class … --apply-immediately',
  ],
})

/** Why more CPU would be of no use. */
function reasonAgainst(s: Situation): string | undefined {
  const { finding, evidence, now, aas } = s
  const { vcpus } = evidence.target
  const { Lock: lock = 0, CPU: cpu = 0 } = load(now).byWaitClass
  if (aas > 0 && lock / aas > 0.5)
    return `would not help: ${percent(lock / aas)} of the load waits for locks${idleCpu(s)}`
  if (finding.cause === 'connection-leak' || finding.cause === 'pools-oversubscribed')
    return `would only bring a higher ceiling: the slots are held by idle sessions${idleCpu(s)}`
  // Where sessions are not sampled by class, the host's CPU tells that there is none left.
  const isFull = meanOf(now, ({ signals }) => signals.cpu_pct ?? 0) >= FULL_PCT && cpu === 0
  if (vcpus === undefined || (cpu <= (available(s) ?? vcpus) && !isFull))
    return `no shortage of CPU is seen: ${cpu.toFixed(1)} sessions on CPU${vcpus ? ` of ${vcpus} vCPUs` : ''}`
  return finding.cause === 'query-regression'
    ? 'would carry the dear statement for a while at a higher price; mend the statement'
    : undefined
}

function credits(s: Situation): string {
  const [left, all] = [available(s), s.evidence.target.vcpus]
  return left !== undefined && all !== undefined && left < all
    ? ` (its CPU credits are gone: ${left.toFixed(1)} are left)`
    : ''
}

const idleCpu = ({ diagnosis: { load: measured } }: Situation): string => {
  const sessions = measured.byWaitClass.CPU ?? 0
  const host = measured.cpuPct === undefined ? '' : `, host CPU ${Math.round(measured.cpuPct)} %`
  return ` (${sessions.toFixed(1)} sessions on CPU${measured.vcpus ? ` of ${measured.vcpus} vCPUs` : ''}${host})`
}
