// One RDS database in the project's words, made of what RDS describes: an instance, and the cluster it belongs to.
import type { DBCluster, DBInstance } from '@aws-sdk/client-rds'
import type { EngineName } from '../../model/index.ts'

export interface Database {
  id: string
  /** What Performance Insights knows it by. */
  resourceId: string
  /** As AWS writes it: `postgres`, `aurora-mysql`, `sqlserver-se`. */
  product: string
  /** Absent: an engine whose rules Spillway does not know. */
  engine?: EngineName
  version: string
  instanceClass: string
  status: string
  endpoint?: { host: string; port: number }
  /** `status`: `in-sync`, `applying` or `pending-reboot`. */
  parameterGroup?: { name: string; inSync: boolean; status: string }
  cluster?: Cluster
  network: { vpcId?: string; subnetIds: string[]; securityGroupIds: string[]; isPublic: boolean }
  insights: { on: boolean; retentionDays: number }
  storage: { gib: number; type: string; iops?: number; mibPerS?: number; maxGib?: number }
  /** Changes that wait for the maintenance window or a restart: name and value. */
  pending: Record<string, string>
  /** Weekly, UTC: `sun:03:00-sun:03:30`. */
  maintenanceWindow?: string
  /** Server logs that are published to CloudWatch Logs. */
  exports: string[]
  multiAz: boolean
  /** Where it runs, and where its standby does. */
  zones: string[]
  /** The instance it replicates, where it is a replica. */
  replicaOf?: string
  /** Those that replicate it. */
  replicas: string[]
  /** Days for which automatic backups are kept; 0: there are none. */
  backupDays: number
  takesIam: boolean
}

interface Cluster {
  id: string
  parameterGroup?: string
  isWriter: boolean
  members: { id: string; isWriter: boolean }[]
  /** Aurora capacity units of Serverless v2; 1 is about 2 GiB. */
  serverless?: { minAcu: number; maxAcu: number }
}

const ENGINE_OF: Record<string, EngineName> = {
  postgres: 'postgres',
  'aurora-postgresql': 'postgres',
  mysql: 'mysql',
  'aurora-mysql': 'mysql',
  mariadb: 'mariadb',
}

/** What AWS leaves out stays out. */
export function databaseOf(raw: DBInstance, cluster?: DBCluster): Database {
  const product = raw.Engine ?? 'unknown'
  const engine = ENGINE_OF[product]
  const { Address: host, Port: port } = raw.Endpoint ?? {}
  const group = raw.DBParameterGroups?.[0]
  return {
    id: raw.DBInstanceIdentifier ?? '',
    resourceId: raw.DbiResourceId ?? '',
    product,
    ...(engine ? { engine } : {}),
    version: raw.EngineVersion ?? '',
    instanceClass: raw.DBInstanceClass ?? '',
    status: raw.DBInstanceStatus ?? 'unknown',
    ...(host !== undefined && port !== undefined ? { endpoint: { host, port } } : {}),
    ...(group?.DBParameterGroupName === undefined
      ? {}
      : {
          parameterGroup: {
            name: group.DBParameterGroupName,
            inSync: group.ParameterApplyStatus === 'in-sync',
            status: group.ParameterApplyStatus ?? 'unknown',
          },
        }),
    ...(cluster ? { cluster: clusterOf(cluster, raw.DBInstanceIdentifier ?? '') } : {}),
    network: networkOf(raw),
    insights: {
      on: raw.PerformanceInsightsEnabled ?? false,
      retentionDays: raw.PerformanceInsightsRetentionPeriod ?? 7,
    },
    storage: storageOf(raw),
    pending: pendingOf(raw),
    ...(raw.PreferredMaintenanceWindow === undefined
      ? {}
      : { maintenanceWindow: raw.PreferredMaintenanceWindow }),
    exports: cluster?.EnabledCloudwatchLogsExports ?? raw.EnabledCloudwatchLogsExports ?? [],
    multiAz: raw.MultiAZ ?? false,
    zones: [raw.AvailabilityZone, raw.SecondaryAvailabilityZone].filter(zone => zone !== undefined),
    replicas: raw.ReadReplicaDBInstanceIdentifiers ?? [],
    backupDays: raw.BackupRetentionPeriod ?? 0,
    takesIam: raw.IAMDatabaseAuthenticationEnabled ?? false,
    ...(raw.ReadReplicaSourceDBInstanceIdentifier === undefined
      ? {}
      : { replicaOf: raw.ReadReplicaSourceDBInstanceIdentifier }),
  }
}

const networkOf = ({
  DBSubnetGroup: subnets,
  VpcSecurityGroups: groups,
  PubliclyAccessible,
}: DBInstance) => ({
  ...(subnets?.VpcId === undefined ? {} : { vpcId: subnets.VpcId }),
  subnetIds: (subnets?.Subnets ?? []).flatMap(({ SubnetIdentifier }) => SubnetIdentifier ?? []),
  securityGroupIds: (groups ?? []).flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []),
  isPublic: PubliclyAccessible ?? false,
})

const storageOf = (raw: DBInstance): Database['storage'] => ({
  gib: raw.AllocatedStorage ?? 0,
  type: raw.StorageType ?? 'unknown',
  ...(raw.Iops ? { iops: raw.Iops } : {}),
  ...(raw.StorageThroughput ? { mibPerS: raw.StorageThroughput } : {}),
  ...(raw.MaxAllocatedStorage ? { maxGib: raw.MaxAllocatedStorage } : {}),
})

/** Whatever stands there, but for the password; what is nested is only named. */
const pendingOf = ({ PendingModifiedValues: values = {} }: DBInstance): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([name, value]) => value !== undefined && name !== 'MasterUserPassword')
      .map(([name, value]) => [name, typeof value === 'object' ? 'changed' : String(value)]),
  )

function clusterOf(raw: DBCluster, instance: string): Cluster {
  const members = (raw.DBClusterMembers ?? []).map(({ DBInstanceIdentifier: id = '', IsClusterWriter }) => ({
    id,
    isWriter: IsClusterWriter ?? false,
  }))
  const { MinCapacity: minAcu, MaxCapacity: maxAcu } = raw.ServerlessV2ScalingConfiguration ?? {}
  return {
    id: raw.DBClusterIdentifier ?? '',
    ...(raw.DBClusterParameterGroup === undefined ? {} : { parameterGroup: raw.DBClusterParameterGroup }),
    isWriter: members.some(({ id, isWriter }) => isWriter && id === instance),
    members,
    ...(minAcu === undefined || maxAcu === undefined ? {} : { serverless: { minAcu, maxAcu } }),
  }
}
