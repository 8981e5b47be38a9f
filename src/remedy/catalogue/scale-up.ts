// A larger instance: more CPU, memory and I/O. It shortens waiting for those, and for nothing else.
import { load } from '../../load/index.ts'
import { percent, type Remedy } from '../remedy.ts'
import { effect } from '../situation.ts'

export const scaleUp: Remedy = {
  code: 'scale-up',
  weigh(s) {
    const { finding, evidence, now, aas } = s
    const { vcpus } = evidence.target
    const { Lock: lock = 0, CPU: cpu = 0 } = load(now).byWaitClass
    const title = 'a larger instance'
    if (aas > 0 && lock / aas > 0.5) {
      return {
        title,
        reason: `would not help: ${percent(lock / aas)} of the load waits for locks${idleCpu(s)}`,
      }
    }
    if (finding.cause === 'connection-leak' || finding.cause === 'pools-oversubscribed') {
      return {
        title,
        reason: `would only bring a higher ceiling: the slots are held by idle sessions${idleCpu(s)}`,
      }
    }
    if (vcpus === undefined || cpu <= vcpus) {
      return {
        title,
        reason: `no shortage of CPU is seen: ${cpu.toFixed(1)} sessions on CPU${vcpus ? ` of ${vcpus} vCPUs` : ''}`,
      }
    }
    if (finding.cause === 'query-regression') {
      return {
        title,
        reason: 'would carry the dear statement for a while at a higher price; mend the statement',
      }
    }
    return {
      horizon: 'for-good',
      title: `${title}: ${2 * vcpus} vCPUs instead of ${vcpus}`,
      effect: effect(s, {
        sessions: cpu / 2,
        slots: 0,
        connectsRecover: true,
        summary: `${cpu.toFixed(1)} sessions want ${vcpus} vCPUs: with twice as many the work is done in half the time or less`,
      }),
      cost: 'an outage of minutes while the class changes, and about twice the price',
      reversible: true,
      commands: [
        'aws rds modify-db-instance --db-instance-identifier … --db-instance-class … --apply-immediately',
      ],
    }
  },
}

const idleCpu = ({ diagnosis: { load: measured } }: Parameters<Remedy['weigh']>[0]): string => {
  const sessions = measured.byWaitClass.CPU ?? 0
  const host = measured.cpuPct === undefined ? '' : `, host CPU ${Math.round(measured.cpuPct)} %`
  return ` (${sessions.toFixed(1)} sessions on CPU${measured.vcpus ? ` of ${measured.vcpus} vCPUs` : ''}${host})`
}
