// Finds what an identifier names: an instance, or the writer of a cluster, or one of its readers.
import type { DBCluster, DBInstance } from '@aws-sdk/client-rds'
import { AppError } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { RdsTarget } from '../target.ts'
import { type Database, databaseOf } from './database.ts'

/** Throws AppError: `instance-unknown`, or whatever keeps AWS from answering. */
export async function findDatabase(
  account: Account,
  { id, reader }: RdsTarget,
  signal?: AbortSignal,
): Promise<Database> {
  const instance = reader ? undefined : await instanceBy(account, id, signal)
  if (instance) {
    const cluster = instance.DBClusterIdentifier
      ? await clusterBy(account, instance.DBClusterIdentifier, signal).catch(deniedIsUnknown)
      : undefined
    return databaseOf(instance, cluster)
  }
  const cluster = await clusterBy(account, id, signal)
  if (!cluster) throw unknown(account, id)
  // A reader endpoint of a cluster without readers leads to the writer.
  const { DBClusterMembers: members = [] } = cluster
  const wanted =
    members.find(({ IsClusterWriter }) => IsClusterWriter !== Boolean(reader)) ??
    (reader ? members[0] : undefined)
  const found =
    wanted?.DBInstanceIdentifier && (await instanceBy(account, wanted.DBInstanceIdentifier, signal))
  if (!found)
    throw new AppError(
      'instance-unknown',
      `cluster ${id} has no writer (it is ${cluster.Status ?? 'in an unknown state'})`,
      'Name one of its instances, or wait until it has one.',
    )
  return databaseOf(found, cluster)
}

async function instanceBy(
  account: Account,
  id: string,
  signal?: AbortSignal,
): Promise<DBInstance | undefined> {
  const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds')
  const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: id })
  return account
    .call('rds:DescribeDBInstances', (rds, options) => rds.send(command, options), signal)
    .then(({ DBInstances }) => DBInstances?.[0], missing)
}

async function clusterBy(account: Account, id: string, signal?: AbortSignal): Promise<DBCluster | undefined> {
  const { DescribeDBClustersCommand } = await import('@aws-sdk/client-rds')
  const command = new DescribeDBClustersCommand({ DBClusterIdentifier: id })
  return account
    .call('rds:DescribeDBClusters', (rds, options) => rds.send(command, options), signal)
    .then(({ DBClusters }) => DBClusters?.[0], missing)
}

/** Not there is an answer. */
function missing(error: unknown): undefined {
  if (error instanceof AppError && error.cause instanceof Error && NOT_FOUND.test(error.cause.name))
    return undefined
  throw error
}

const NOT_FOUND = /^DB(?:Instance|Cluster)NotFound(?:Fault)?$/

/** An instance is worth describing without its cluster. */
function deniedIsUnknown(error: unknown): undefined {
  if (error instanceof AppError && error.code === 'aws-denied') return undefined
  throw error
}

const unknown = (account: Account, id: string) =>
  new AppError(
    'instance-unknown',
    `there is no RDS instance or cluster ${id} in ${account.region}`,
    'Look for it: aws rds describe-db-instances --region REGION. The region and the account (--profile) decide.',
  )
