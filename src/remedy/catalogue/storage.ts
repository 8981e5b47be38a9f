// Storage that can do more, or hold more: size, operations, throughput, type, and how far it grows by itself.
import { load } from '../../load/index.ts'
import type { Cause, Step } from '../../model/index.ts'
import { predict } from '../predict.ts'
import { storagePrice } from '../price.ts'
import { percent, type StandingRemedy } from '../remedy.ts'
import type { Scene } from '../situation.ts'
import { storageStep } from '../step.ts'

/** Share of the load that waits for I/O from which storage is worth a look. */
const SHARE = 0.3
/** Causes that are about storage which cannot do more. */
const STALLS: readonly Cause[] = ['io-saturation', 'commit-stall', 'flush-stall']
/** The API takes no change of size or operations by less. */
const LEAST_MORE = 1.1
/** Free storage below this share of it is short; it grows by that share of itself, and up to the ceiling. */
const SHORT = 0.1
const GROWS = 1.25
/** RDS advises at least 26 % above: RDS-EVENT-0225. */
const CEILING = 1.5
const GIB = 1024 ** 3
/** gp3 takes operations of its own from this size on, where it has 12,000 included. */
const STRIPED_GIB = 400
const GP3 = { least: 12_000, most: 64_000 }

export const storage: StandingRemedy = {
  code: 'storage',
  answers: 'evidence',
  risk: 'medium',
  outage: 'none',
  permissions: {
    iam: ['rds:DescribeDBInstances', 'rds:DescribeValidDBInstanceModifications', 'rds:ModifyDBInstance'],
    grants: [],
  },
  verify: 'AAS of class IO falls, latency of reads and writes falls, the volume is below its limit',
  weigh(s) {
    const short = freeShare(s)
    if (short !== undefined && short < SHORT) return more(s, short)
    const { IO: io = 0, Commit: commit = 0 } = load(s.now).byWaitClass
    // A commit that waits for a standby waits for no volume.
    const isNamed = s.diagnosis.findings.some(
      ({ cause, kind }) => STALLS.includes(cause) && kind !== 'standby',
    )
    const ofStandby = s.diagnosis.findings.some(({ kind }) => kind === 'standby')
    if (!isNamed && (s.aas === 0 || (io + (ofStandby ? 0 : commit)) / s.aas < SHARE)) return undefined
    const title = 'faster storage'
    const { instance } = s.evidence.target
    const atLimit = s.evidence.events.some(
      ({ source, kind, message }) =>
        source === 'catalog' &&
        (kind === 'limit-reached' || kind === 'balance-gone') &&
        message.startsWith('the volume'),
    )
    const utilised = s.now.some(({ signals }) => (signals.disk_util_pct ?? 0) > 90)
    if (!atLimit && !utilised && !isNamed)
      return {
        title,
        reason: `${percent((io + commit) / s.aas)} of the load waits for I/O, but nothing shows that the volume is at its limit`,
      }
    if (!instance) return another(s, title)
    return faster(s)
  },
}

function freeShare({ now, evidence }: Scene): number | undefined {
  const free = now.findLast(({ signals }) => signals.storage_free_bytes !== undefined)?.signals
    .storage_free_bytes
  const gib = evidence.target.instance?.storage.gib
  return free === undefined || !gib ? undefined : free / (gib * GIB)
}

/** A full disk stops the server. */
function more(s: Scene, free: number) {
  const { target } = s.evidence
  const { gib, maxGib, iops } = target.instance!.storage
  const next = Math.ceil(gib * GROWS)
  const ceiling = Math.ceil(next * CEILING)
  const steps: Step[] = [
    ...storageStep(target, 'size', next),
    // On gp3, io1 and io2 the operations go with the size.
    ...(iops === undefined ? [] : storageStep(target, 'iops', iops)),
    ...(maxGib !== undefined && maxGib >= ceiling ? [] : storageStep(target, 'ceiling', ceiling)),
  ]
  return {
    horizon: 'for-good' as const,
    title: `storage ${gib} → ${next} GiB, growing by itself up to ${Math.max(ceiling, maxGib ?? 0)}`,
    effect: predict(s, {}, `${percent(free)} are free: a full volume stops the server; changes no load`),
    cost: 'storage never shrinks again, and takes no other change for six hours',
    reversible: false,
    price: storagePrice(target, s.market, { gib: next - gib }),
    steps,
    commands: [
      `aws rds modify-db-instance --db-instance-identifier ${target.instance!.id} --allocated-storage ${next} --max-allocated-storage ${ceiling} --apply-immediately`,
    ],
  }
}

/** A volume of which nothing is known but that it is at its limit: its owner knows what there is. */
const another = (s: Scene, title: string) => ({
  horizon: 'for-good' as const,
  title: `${title}: a volume with more operations a second`,
  effect: predict(s, { storage: 2 }, 'with twice the operations; what it can do now, is not known'),
  cost: 'the data moves to another volume, or the volume is made faster in its place',
  reversible: false,
  steps: [],
  commands: [],
})

function faster(s: Scene) {
  const { target } = s.evidence
  const { gib, type, iops } = target.instance!.storage
  const id = target.instance!.id
  const size = gib >= STRIPED_GIB ? gib : Math.max(STRIPED_GIB, Math.ceil(LEAST_MORE * gib))
  const grows = size > gib
  const current = iops ?? (type === 'gp2' ? Math.max(100, 3 * gib) : grows ? 3_000 : GP3.least)
  const next = Math.min(GP3.most, Math.max(GP3.least, 2 * current))
  const title = `storage gp3${grows ? `, ${size} GiB` : ''} with ${next} operations a second instead of ${current}`
  if (next < LEAST_MORE * current) return { title, reason: `${type} does ${current} already; io2 does more` }
  const included = GP3.least
  return {
    horizon: 'for-good' as const,
    title,
    effect: predict(
      s,
      { storage: next / current },
      `the volume is at its limit: ${(next / current).toFixed(1)} times the operations; a limit of the class may come next`,
    ),
    cost: grows
      ? 'the data moves to new volumes: hours of more I/O; storage never shrinks again'
      : 'hours of more I/O, and no other change of storage for six hours',
    reversible: !grows,
    price: storagePrice(target, s.market, { gib: size - gib, iops: Math.max(0, next - included) }, 'gp3'),
    steps: [
      ...(type === 'gp3' ? [] : storageStep(target, 'type', 'gp3')),
      ...(grows ? storageStep(target, 'size', size) : []),
      ...storageStep(target, 'iops', next),
    ],
    commands: [
      `aws rds modify-db-instance --db-instance-identifier ${id} --storage-type gp3 --allocated-storage ${size} --iops ${next} --apply-immediately`,
    ],
  }
}
