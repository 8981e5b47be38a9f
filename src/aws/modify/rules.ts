// Every rule of the API, checked before anything is sent: what AWS would refuse, round up, or do besides.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html, USER_PIOPS.Autoscaling.html
import { AppError } from '../../model/index.ts'
import { closedBecause } from '../describe/state.ts'
import type { GroupStanding } from './groups.ts'
import { memoryReasons } from './memory.ts'
import { isAllowed } from './parameter.ts'
import { proxyNotes, proxyReasons } from './proxy.ts'
import { replicaNotes, replicaReasons } from './replica.ts'
import { ruleNotes, ruleReasons } from './rule.ts'
import type { Standing } from './standing.ts'
import type { Wishes } from './wish.ts'

/** Least growth of storage, and of its ceiling over it. */
const grown = (size: number): number => Math.ceil((size * 11) / 10)
const advised = (size: number): number => Math.ceil((size * 126) / 100)
/** From here on gp3 is striped and takes IOPS of one's own. */
const STRIPED_GIB = 400
const STORAGE_REST_MS = 6 * 3_600_000

/** What speaks against it, all of it; empty when nothing does. Pure. */
function reasonsAgainst(standing: Standing, wishes: Wishes): string[] {
  return [
    ...stateReasons(standing, wishes),
    ...classReasons(standing, wishes),
    ...storageReasons(standing, wishes),
    ...ceilingReasons(standing, wishes),
    ...parameterReasons(standing, wishes),
    ...memoryReasons(standing, wishes),
    ...besideReasons(standing, wishes),
  ]
}

function besideReasons({ database, rule, replicas, proxy }: Standing, wishes: Wishes): string[] {
  return [
    ...(rule && wishes.rule ? ruleReasons(database, rule, wishes.rule) : []),
    ...new Set(replicas.flatMap((one, i) => replicaReasons(database, one, wishes.replicas?.[i] ?? {}))),
    ...(proxy && wishes.proxy ? proxyReasons(database, proxy, wishes.proxy) : []),
  ]
}

/** What is worth knowing and no reason against it. */
export function notesOn(standing: Standing, wishes: Wishes): string[] {
  const { database, groups, parameters, rule, replicas, proxy } = standing
  const { ceilingGib, storageGib = database.storage.gib } = wishes
  const shared = [
    [groups.instance, 'its parameter group'],
    [groups.cluster, 'the parameter group of its cluster'],
  ] as const
  return [
    ...(typeof ceilingGib === 'number' && ceilingGib < advised(storageGib)
      ? [`AWS advises a ceiling of ${advised(storageGib)} GiB at least (26 % more)`]
      : []),
    ...shared.flatMap(([group, what]) => (group ? groupNotes(group, what) : [])),
    ...clusterNotes(database, groups.cluster !== undefined, parameters, wishes),
    ...(wishes.immediately
      ? []
      : [`done in the maintenance window, ${database.maintenanceWindow ?? 'whenever it is'} UTC`]),
    ...(rule && wishes.rule ? ruleNotes(database, rule, wishes.rule) : []),
    ...replicas.flatMap(one => replicaNotes(database, one)),
    ...(proxy ? proxyNotes(database, proxy, wishes.rule?.source) : []),
  ]
}

function groupNotes({ name, sharedWith }: GroupStanding, what: string): string[] {
  if (name.startsWith('default.')) return [`${name} cannot be changed by anybody: a group of its own is made`]
  return sharedWith.length > 0
    ? [`${what} is also that of ${sharedWith.join(', ')}: a copy of its own is made, theirs stays`]
    : []
}

/** What the cluster's group holds is everybody's in the cluster; each member restarts by itself. */
function clusterNotes(
  { id, cluster }: Standing['database'],
  touches: boolean,
  parameters: Standing['parameters'],
  wishes: Wishes,
): string[] {
  const others = (cluster?.members ?? []).filter(one => one.id !== id).map(one => one.id)
  if (!touches || others.length === 0) return []
  const names = Object.keys(wishes.parameters).filter(name => parameters.get(name)?.scope === 'cluster')
  const waits = names.filter(name => parameters.get(name)?.needsRestart)
  return [
    `${names.join(', ')} is for the whole cluster: also for ${others.join(', ')}`,
    ...(waits.length > 0
      ? [`in ${others.join(', ')} it holds only after another restart, which is yours to make`]
      : []),
  ]
}

/** Throws AppError `plan-impossible` with everything that speaks against it. */
export function refuse(standing: Standing, wishes: Wishes): void {
  const reasons = reasonsAgainst(standing, wishes)
  if (reasons.length > 0)
    throw new AppError(
      'plan-impossible',
      `${standing.database.id}: ${reasons.join('; ')}`,
      'Nothing was sent.',
    )
}

function stateReasons({ database }: Standing, wishes: Wishes): string[] {
  const { status, pending } = database
  const asked = Object.entries({ DBInstanceClass: wishes.instanceClass, AllocatedStorage: wishes.storageGib })
  const others = Object.keys(pending).filter(
    name => !asked.some(([own, value]) => own === name && value !== undefined),
  )
  const touches = touchesInstance(wishes)
  const takes = touches || wishes.proxy !== undefined || (wishes.replicas ?? []).length > 0
  return [
    // A client is let in whatever state it is in.
    ...(!takes || status === 'available' || status === 'storage-optimization'
      ? []
      : [`it has to be available and is ${closedBecause(database) ?? status}`]),
    ...(touches && others.length > 0 && wishes.immediately && !wishes.takesPending
      ? [
          `changes of somebody else would be done with it: ${others.join(', ')} (take_pending=yes takes them along)`,
        ]
      : []),
  ]
}

const touchesInstance = ({ parameters, snapshot, restart, ...wishes }: Wishes): boolean =>
  Object.keys(parameters).length > 0 ||
  snapshot ||
  restart ||
  [
    ...[wishes.instanceClass, wishes.storageGib, wishes.ceilingGib],
    ...[wishes.iops, wishes.throughput, wishes.storageType],
  ].some(one => one !== undefined)

function classReasons({ database, wished }: Standing, { instanceClass, storageType }: Wishes): string[] {
  if (instanceClass === undefined || !wished) return []
  if (instanceClass === database.instanceClass) return [`it is ${instanceClass} already`]
  const type = storageType ?? database.storage.type
  const fitting = wished.offers.filter(
    offer => offer.StorageType === undefined || offer.StorageType === type || type === 'aurora',
  )
  if (wished.offers.length === 0)
    return [`${instanceClass} is not to be had for ${database.product} ${database.version} here`]
  if (fitting.length === 0) return [`${instanceClass} is not to be had with ${type} storage`]
  const doubled = database.multiAz ? fitting.filter(({ MultiAZCapable }) => MultiAZCapable) : fitting
  if (doubled.length === 0) return [`${instanceClass} is not to be had in two zones`]
  const missing = database.zones.filter(
    zone => !doubled.some(({ AvailabilityZones: zones = [] }) => isIn(zone, zones)),
  )
  return missing.length > 0
    ? [`${instanceClass} is not to be had in ${missing.join(' and ')}, where it runs`]
    : []
}

/** An offer that names no zone holds in all of them. */
const isIn = (zone: string, zones: { Name?: string | undefined }[]): boolean =>
  zones.length === 0 || zones.some(({ Name }) => Name === zone)

function storageReasons(standing: Standing, { storageGib, iops, throughput, storageType }: Wishes): string[] {
  const { database, storageChangedAt, now } = standing
  const { gib, type: typeNow, iops: iopsNow } = database.storage
  if ([storageGib, iops, throughput, storageType].every(one => one === undefined)) return []
  if (database.product.startsWith('aurora')) return ['the storage of Aurora grows by itself and is not set']
  const type = storageType ?? typeNow
  const size = storageGib ?? gib
  const least = grown(gib)
  const hours = storageChangedAt === undefined ? 0 : (storageChangedAt + STORAGE_REST_MS - now) / 3_600_000
  return [
    ...(database.status === 'storage-optimization' ? ['its storage is still being optimized'] : []),
    ...(hours > 0 ? [`its storage was changed less than six hours ago: wait for ${hours.toFixed(1)} h`] : []),
    ...(size < gib ? [`storage never shrinks: it has ${gib} GiB`] : []),
    ...(size > gib && size < least ? [`storage grows by 10 % at least: to ${least} GiB`] : []),
    ...(storageGib === gib && [iops, throughput, storageType].every(one => one === undefined)
      ? [`it has ${gib} GiB already`]
      : []),
    ...(type === 'gp3' && size < STRIPED_GIB && (iops !== undefined || throughput !== undefined)
      ? [`gp3 below ${STRIPED_GIB} GiB takes no IOPS or throughput of one's own`]
      : []),
    ...(iops !== undefined && iopsNow !== undefined && iops > iopsNow && iops < grown(iopsNow)
      ? [`IOPS grow by 10 % at least: to ${grown(iopsNow)}`]
      : []),
    ...(type.startsWith('io') && iops === undefined && iopsNow === undefined
      ? [`${type} takes IOPS (iops=…)`]
      : []),
    ...(throughput !== undefined && type !== 'gp3' ? [`only gp3 takes a throughput, not ${type}`] : []),
  ]
}

function ceilingReasons({ database }: Standing, { ceilingGib, storageGib }: Wishes): string[] {
  if (ceilingGib === undefined) return []
  const { gib, type, maxGib } = database.storage
  if (database.product.startsWith('aurora'))
    return ['the storage of Aurora grows by itself and has no ceiling']
  const size = storageGib ?? gib
  if (ceilingGib === 'off')
    return maxGib === undefined || maxGib === gib ? ['its storage does not grow by itself'] : []
  if (type === 'standard') return ['magnetic storage does not grow by itself']
  if (ceilingGib === size)
    return [`a ceiling of ${size} GiB, which it has, would turn growing off (ceiling=off says so)`]
  const least = grown(size)
  return ceilingGib < least ? [`the ceiling is ${least} GiB at least, 10 % over its size`] : []
}

function parameterReasons({ database, parameters, groups }: Standing, wishes: Wishes): string[] {
  const names = Object.keys(wishes.parameters)
  if (names.length === 0) return []
  const { parameterGroup, cluster } = database
  if (parameterGroup === undefined) return ['its parameter group is not known']
  const asked = [
    parameterGroup.name,
    ...(cluster?.parameterGroup === undefined ? [] : [cluster.parameterGroup]),
  ]
  return names.flatMap(name => {
    const fact = parameters.get(name)
    const value = wishes.parameters[name] ?? null
    if (!fact || groups[fact.scope] === undefined)
      return [`there is no parameter ${name} in ${asked.join(' or ')}`]
    if (!fact.isModifiable) return [`${name} cannot be changed on RDS`]
    if (value !== null && !isAllowed(value, fact.allowed))
      return [`${name}=${value} is not allowed: ${fact.allowed}`]
    return fact.value === value && fact.isSet ? [`${name} is ${value} already`] : []
  })
}
