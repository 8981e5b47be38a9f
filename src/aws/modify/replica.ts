// A read replica, or one more reader of a cluster: what it takes, what speaks against it, and the call.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html
import type { Members, RdsOperation, Step } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Database } from '../describe/database.ts'
import { instanceNamed } from './act/describe.ts'

export interface ReplicaWish {
  /** Otherwise one that nobody has. */
  name?: string
  /** Of a reader of Aurora. */
  tier?: number
}

export interface ReplicaStanding {
  name: string
  /** What has that name now. */
  taken?: 'its replica' | 'another instance'
  /** Replicas above it, itself included where it is one. */
  depth: number
  /** That the same plan makes before it. */
  more: number
  isTwice: boolean
}

const MOST = 15
/** Replicas in a chain, the source not counted. */
const DEEPEST = 3
const NAME = /^[a-z](?!.*--)[a-z0-9-]{0,62}(?<!-)$/
const LAST_TIER = 15

const isAurora = ({ product }: Database): boolean => product.startsWith('aurora')

/** `beside`: those of the same plan. Throws AppError. */
export async function replicaStanding(
  account: Account,
  database: Database,
  { name }: ReplicaWish,
  beside: readonly ReplicaStanding[],
  signal?: AbortSignal,
): Promise<ReplicaStanding> {
  const others = beside.map(one => one.name)
  const wished = name ?? (await freeName(account, `${database.id.slice(0, 53)}-reader`, others, signal))
  const there = name === undefined ? undefined : await instanceNamed(account, name, signal)
  const isOwn =
    there?.ReadReplicaSourceDBInstanceIdentifier === database.id ||
    (there?.DBClusterIdentifier !== undefined && there.DBClusterIdentifier === database.cluster?.id)
  return {
    name: wished,
    ...(there ? { taken: isOwn ? 'its replica' : 'another instance' } : {}),
    depth: await depthOf(account, database, signal),
    more: beside.filter(({ taken }) => taken === undefined).length,
    isTwice: others.includes(wished),
  }
}

async function freeName(
  account: Account,
  base: string,
  others: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}-${n}`
    if (others.includes(name)) continue
    if ((await instanceNamed(account, name, signal)) === undefined || n > 2 * MOST) return name
  }
}

async function depthOf(account: Account, { replicaOf }: Database, signal?: AbortSignal): Promise<number> {
  let depth = 0
  for (let above = replicaOf; above !== undefined && depth < DEEPEST; depth++) {
    // One in another region is named by its ARN, and not asked for.
    if (above.includes(':')) return depth + 1
    above = (await instanceNamed(account, above, signal))?.ReadReplicaSourceDBInstanceIdentifier
  }
  return depth
}

/** Pure, like all below. */
export function replicaReasons(
  database: Database,
  standing: ReplicaStanding,
  { tier }: ReplicaWish,
): string[] {
  const { name, taken, depth, more, isTwice } = standing
  const readers = (database.cluster?.members.length ?? 1) - 1 + more
  const replicas = database.replicas.length + more
  const named = [
    ...(isTwice ? [`${name} is named twice`] : []),
    ...(NAME.test(name) ? [] : [`${name} is no name of an instance`]),
    ...(taken === 'another instance' ? [`there is another instance ${name}: name one that is free`] : []),
  ]
  if (isAurora(database))
    return [
      ...named,
      ...(readers >= MOST && taken === undefined
        ? [`its cluster has ${readers} readers, and takes no more than ${MOST}`]
        : []),
      ...(tier !== undefined && (tier < 0 || tier > LAST_TIER)
        ? [`a tier is 0 to ${LAST_TIER}, not ${tier}`]
        : []),
    ]
  return [
    ...named,
    ...(tier === undefined ? [] : ['only readers of Aurora have a tier']),
    ...(database.cluster
      ? ['it belongs to a Multi-AZ cluster, which has two readers: Spillway makes no replica of one']
      : []),
    ...(database.backupDays > 0
      ? []
      : ['it has no automatic backups, which a replica begins with: turning them on takes an outage']),
    ...(replicas >= MOST && taken === undefined
      ? [
          `${replicas} replicas are all that it takes${more > 0 ? `, ${more} of them of this plan` : ''}: no more than ${MOST}`,
        ]
      : []),
    ...(depth >= DEEPEST ? [`it is the last of ${DEEPEST} replicas in a chain, which takes no more`] : []),
    ...(depth > 0 && database.engine === 'postgres' && isBefore(database.version, 14, 1)
      ? [`it is a replica itself, and PostgreSQL ${database.version} replicates none: from 14.1 on`]
      : []),
  ]
}

const isBefore = (version: string, major: number, minor: number): boolean => {
  const [a = 0, b = 0] = version.split('.').map(Number)
  return a < major || (a === major && b < minor)
}

export function replicaNotes(database: Database, { name, taken }: ReplicaStanding): string[] {
  if (taken === 'its replica')
    return [`${name} is a replica of it already: nothing to do; for one more give replica=NAME`]
  return [
    isAurora(database)
      ? `reads get to ${name} by the reader endpoint of the cluster, and by no other`
      : `${name} takes only the reads that the applications send to its own endpoint`,
  ]
}

/** `by`: which plan made it, as its tag says. */
export function replicaOperations(
  database: Database,
  { name, taken }: ReplicaStanding,
  { tier = LAST_TIER }: ReplicaWish,
  instanceClass: string,
  by: string,
): RdsOperation[] {
  if (taken !== undefined) return []
  const aurora = isAurora(database) ? database.cluster?.id : undefined
  const members = aurora === undefined ? ofInstance(database) : ofCluster(database, tier)
  return [
    {
      by: 'rds',
      title: aurora === undefined ? `read replica ${name} of ${database.id}` : `reader ${name} in ${aurora}`,
      call: {
        kind: 'create-replica',
        instance: database.id,
        replica: name,
        members: { DBInstanceClass: instanceClass, ...members },
        tag: by,
        ...(aurora === undefined ? {} : { cluster: aurora }),
      },
      before: { [name]: null },
      after: { [name]: `${instanceClass} of ${aurora ?? database.id}` },
      waits: 'reads that the applications send to it',
      irreversible: `${name} stays, and costs as ${database.id} does: aws rds delete-db-instance --db-instance-identifier ${name} --skip-final-snapshot removes it`,
    },
  ]
}

/** What it would not take over by itself: another group, and nobody gets in. */
const ofInstance = ({ network, storage, takesIam, exports, insights }: Database): Members => ({
  ...(network.securityGroupIds.length > 0 ? { VpcSecurityGroupIds: network.securityGroupIds } : {}),
  PubliclyAccessible: network.isPublic,
  StorageType: storage.type,
  ...(takesOwnIops(storage) && storage.iops !== undefined ? { Iops: storage.iops } : {}),
  ...(storage.type === 'gp3' && takesOwnIops(storage) && storage.mibPerS !== undefined
    ? { StorageThroughput: storage.mibPerS }
    : {}),
  ...(takesIam ? { EnableIAMDatabaseAuthentication: true } : {}),
  ...(exports.length > 0 ? { EnableCloudwatchLogsExports: exports } : {}),
  ...(insights.on ? { EnablePerformanceInsights: true } : {}),
})

const takesOwnIops = ({ type, gib }: Database['storage']): boolean =>
  type.startsWith('io') || (type === 'gp3' && gib >= 400)

/** Network, storage and backups are the cluster's. */
const ofCluster = ({ product, network, parameterGroup, insights }: Database, tier: number): Members => ({
  Engine: product,
  PubliclyAccessible: network.isPublic,
  PromotionTier: tier,
  ...(parameterGroup ? { DBParameterGroupName: parameterGroup.name } : {}),
  ...(insights.on ? { EnablePerformanceInsights: true } : {}),
})

export const replicaStep = ({ name }: ReplicaStanding, { tier }: ReplicaWish): Step => ({
  actuator: 'rds',
  what: { kind: 'read-replica', ...(tier === undefined ? {} : { tier }) },
  before: null,
  after: name,
  reversible: false,
  outage: 'none',
  verify: ['api'],
})
