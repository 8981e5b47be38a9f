// One instance as it is now, with its cluster where that is asked for.
import type { DBCluster, DBInstance } from '@aws-sdk/client-rds'
import { AppError } from '../../../model/index.ts'
import type { Account } from '../../account/index.ts'
import { type Database, databaseOf } from '../../describe/database.ts'
import { isNotFound } from '../parameter.ts'

/** Throws AppError `instance-unknown`. */
export async function describeInstance(
  account: Account,
  id: string,
  signal?: AbortSignal,
): Promise<Database> {
  const found = await instanceNamed(account, id, signal)
  if (!found)
    throw new AppError('instance-unknown', `there is no RDS instance ${id}`, 'It was deleted or renamed.')
  return databaseOf(found)
}

/** As AWS describes it; undefined where there is none. Throws AppError. */
export async function instanceNamed(
  account: Account,
  id: string,
  signal?: AbortSignal,
): Promise<DBInstance | undefined> {
  const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds')
  const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: id })
  try {
    const { DBInstances = [] } = await account.call(
      'rds:DescribeDBInstances',
      (rds, o) => rds.send(command, o),
      signal,
    )
    return DBInstances[0]
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** Throws AppError. */
export async function describeCluster(
  account: Account,
  id: string,
  signal?: AbortSignal,
): Promise<DBCluster> {
  const { DescribeDBClustersCommand } = await import('@aws-sdk/client-rds')
  const command = new DescribeDBClustersCommand({ DBClusterIdentifier: id })
  const { DBClusters: [found] = [] } = await account.call(
    'rds:DescribeDBClusters',
    (rds, o) => rds.send(command, o),
    signal,
  )
  if (!found)
    throw new AppError('instance-unknown', `there is no cluster ${id}`, 'It was deleted or renamed.')
  return found
}

/** How far the cluster's parameters are in force in one of its members: `in-sync`, `pending-reboot`, `applying`. */
export const clusterStatus = ({ DBClusterMembers: members = [] }: DBCluster, instance: string): string =>
  members.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === instance)
    ?.DBClusterParameterGroupStatus ?? 'in-sync'
