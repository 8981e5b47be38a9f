// The part of the fake of RDS that makes replicas, and readers of clusters; and what AWS refuses of them.
import { onlyMembers } from './members.ts'
import { invalid, Refusal } from './refusal.ts'
import { begin, instanceNamed, mustBeAvailable } from './state.ts'
import type { Described, World } from './world.ts'
import { listOf, type Value } from './xml.ts'

type Form = Record<string, Value>

const BOTH = [
  ...['Action', 'Version', 'DBInstanceIdentifier', 'DBInstanceClass', 'PubliclyAccessible'],
  ...['EnablePerformanceInsights', 'Tags'],
]
export const REPLICA_ALLOWED: Record<string, string[]> = {
  CreateDBInstanceReadReplica: [
    ...[...BOTH, 'SourceDBInstanceIdentifier', 'VpcSecurityGroupIds', 'StorageType', 'Iops'],
    ...['StorageThroughput', 'EnableIAMDatabaseAuthentication', 'EnableCloudwatchLogsExports'],
  ],
  CreateDBInstance: [...[...BOTH, 'DBClusterIdentifier', 'Engine', 'PromotionTier', 'DBParameterGroupName']],
}

export const REPLICA_ANSWERS: Record<string, (world: World, form: Form) => Value> = {
  CreateDBInstanceReadReplica: (world, form) => ({ DBInstance: createReplica(world, form) }),
  CreateDBInstance: (world, form) => ({ DBInstance: createReader(world, form) }),
}

const MOST = 15

function newInstance(world: World, { DBInstanceIdentifier: id, DBInstanceClass, Tags }: Form): string {
  const name = String(id)
  if (!/^[a-z](?!.*--)[a-z0-9-]{0,62}(?<!-)$/.test(name))
    throw invalid(`The parameter DBInstanceIdentifier is not a valid identifier: ${name}`)
  if (world.instances.some(one => one.DBInstanceIdentifier === name))
    throw new Refusal('DBInstanceAlreadyExists', 'DB instance already exists')
  if (world.instances.length >= world.quota.instances)
    throw new Refusal('InstanceQuotaExceeded', 'Cannot create more than the quota of DB instances')
  if (!world.orderable.some(one => one.DBInstanceClass === DBInstanceClass))
    throw new Refusal('InvalidParameterCombination', `no ${String(DBInstanceClass)} here`)
  for (const tag of listOf((Tags as Form | undefined)?.Tag) as Form[])
    onlyMembers(tag, ['Key', 'Value'], 'MalformedInput')
  return name
}

function createReplica(world: World, form: Form): Described {
  const name = newInstance(world, form)
  const source = instanceNamed(world, form.SourceDBInstanceIdentifier)
  mustBeAvailable(source)
  if (!(Number(source.BackupRetentionPeriod) > 0))
    throw new Refusal(
      'InvalidDBInstanceState',
      'Automated backups are not enabled for this database instance.',
    )
  const replicas = (source.ReadReplicaDBInstanceIdentifiers ?? []) as string[]
  if (replicas.length >= MOST)
    throw new Refusal('InvalidParameterCombination', `has ${replicas.length} read replicas`)
  if (source.ReadReplicaSourceDBInstanceIdentifier !== undefined && Number(source.EngineVersion) < 14.1)
    throw new Refusal('InvalidParameterCombination', 'Cascading read replicas are not supported')
  const gib = Number(source.AllocatedStorage)
  if (form.Iops !== undefined && form.StorageType === 'gp3' && gib < 400)
    throw new Refusal('InvalidParameterCombination', 'You cannot specify IOPS for less than 400 GiB')
  const groups = listOf((form.VpcSecurityGroupIds as Form | undefined)?.VpcSecurityGroupId).map(String)
  for (const id of groups)
    if (!world.network.groups.some(({ groupId }) => groupId === id))
      throw new Refusal('InvalidParameterValue', `invalid security group ${id}`)
  source.ReadReplicaDBInstanceIdentifiers = [...replicas, name]
  return added(world, {
    ...source,
    ...madeOf(form, name),
    StorageType: form.StorageType,
    ReadReplicaDBInstanceIdentifiers: [],
    ReadReplicaSourceDBInstanceIdentifier: source.DBInstanceIdentifier,
    BackupRetentionPeriod: 0,
    // Without groups it gets the default one of the network, which lets nobody in.
    VpcSecurityGroups: (groups.length > 0 ? groups : ['sg-default']).map(VpcSecurityGroupId => ({
      VpcSecurityGroupId,
      Status: 'active',
    })),
  })
}

function createReader(world: World, form: Form): Described {
  const name = newInstance(world, form)
  const cluster = world.clusters.find(one => one.DBClusterIdentifier === form.DBClusterIdentifier)
  if (!cluster) throw new Refusal('DBClusterNotFoundFault', 'DBCluster not found', 404)
  if (cluster.Engine !== form.Engine)
    throw new Refusal('InvalidParameterCombination', `The engine name requested ${String(form.Engine)}`)
  const tier = Number(form.PromotionTier ?? 1)
  if (!(tier >= 0 && tier <= 15)) throw invalid('PromotionTier is 0 to 15')
  const members = cluster.DBClusterMembers as Described[]
  if (members.length > MOST) throw new Refusal('InstanceQuotaExceeded', 'too many Aurora replicas')
  const writer = instanceNamed(world, members[0]?.DBInstanceIdentifier)
  cluster.DBClusterMembers = [
    ...members,
    { DBInstanceIdentifier: name, IsClusterWriter: false, DBClusterParameterGroupStatus: 'in-sync' },
  ]
  return added(world, { ...writer, ...madeOf(form, name), PromotionTier: tier })
}

const madeOf = (form: Form, name: string): Described => ({
  DBInstanceIdentifier: name,
  DbiResourceId: `db-${name.toUpperCase().replaceAll('-', '')}`,
  DBInstanceClass: form.DBInstanceClass,
  PubliclyAccessible: form.PubliclyAccessible === 'true',
  DBInstanceStatus: 'creating',
  Endpoint: { Address: `${name}.c9akciq32.eu-west-1.rds.amazonaws.com`, Port: 5432 },
  PendingModifiedValues: {},
})

function added(world: World, one: Described): Described {
  world.instances.push(one)
  begin(world, one, 'creating')
  return one
}

/** The state that it comes to in the end; a replica tells of its replication. */
export function createdAs(world: World, one: Described): string {
  const fate = world.fates[String(one.DBInstanceIdentifier)]
  const source = one.ReadReplicaSourceDBInstanceIdentifier
  const isReplicating = fate === undefined || !fate.startsWith('replication ')
  if (source !== undefined)
    one.StatusInfos = [
      {
        StatusType: 'read replication',
        Normal: isReplicating,
        Status: isReplicating ? 'replicating' : fate.slice('replication '.length),
        Message: isReplicating ? '' : 'the log that it needs is gone',
      },
    ]
  return isReplicating ? (fate ?? 'available') : 'available'
}
