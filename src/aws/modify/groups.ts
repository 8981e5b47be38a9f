// The parameter groups that an instance is under: its own, and that of its cluster. What of them can be changed in place.
import { AppError } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import { type Database, databaseOf } from '../describe/database.ts'
import { familyOf, type ParameterFact, parameterFacts, type Scope } from './parameter.ts'

export interface GroupStanding {
  name: string
  /** `postgres16`. */
  family: string
  /** Other instances, or clusters, that have the same group. */
  sharedWith: string[]
  /** A name for a group of its own that nobody has. */
  free: string
}

export interface Groups {
  /** By name; those that stand in both are the instance's, where they touch nobody else. */
  parameters: Map<string, ParameterFact>
  standing: Partial<Record<Scope, GroupStanding>>
}

const MAX_PAGES = 20

/** `asked`: to be changed; `also`: only to be read. Throws AppError. */
export async function groupsOf(
  account: Account,
  database: Database,
  asked: readonly string[],
  also: readonly string[],
  signal?: AbortSignal,
): Promise<Groups> {
  const { parameterGroup, cluster, id } = database
  const names = [...new Set([...asked, ...also])]
  const facts = async (group: string | undefined, some: readonly string[], scope: Scope) =>
    group === undefined ? new Map() : parameterFacts(account, group, some, scope, signal)
  const own: Groups['parameters'] = await facts(parameterGroup?.name, names, 'instance')
  const rest = names.filter(name => !own.has(name))
  const shared: Groups['parameters'] = await facts(cluster?.parameterGroup, rest, 'cluster')
  const parameters = new Map([...shared, ...own])
  const standing: Groups['standing'] = {}
  const touches = (scope: Scope) => asked.some(name => parameters.get(name)?.scope === scope)
  if (parameterGroup && touches('instance'))
    standing.instance = {
      ...(await groupStanding(account, parameterGroup.name, id, 'instance', signal)),
      sharedWith: await usersOf(account, parameterGroup.name, id, signal),
    }
  if (cluster?.parameterGroup !== undefined && touches('cluster'))
    standing.cluster = {
      ...(await groupStanding(account, cluster.parameterGroup, cluster.id, 'cluster', signal)),
      sharedWith: await clustersUnder(account, cluster.parameterGroup, cluster.id, signal),
    }
  return { parameters, standing }
}

async function groupStanding(
  account: Account,
  name: string,
  owner: string,
  scope: Scope,
  signal?: AbortSignal,
): Promise<Omit<GroupStanding, 'sharedWith'>> {
  const family = await familyOf(account, name, scope, signal)
  if (family === undefined)
    throw new AppError(
      'plan-impossible',
      `${owner}: its parameter group ${name} is not known`,
      'Look whether it is there: aws rds describe-db-parameter-groups.',
    )
  return { name, family, free: await freeGroup(account, owner, family, scope, signal) }
}

/** Letters, digits and single hyphens, 255 at most. */
async function freeGroup(
  account: Account,
  owner: string,
  family: string,
  scope: Scope,
  signal?: AbortSignal,
): Promise<string> {
  const base = `spillway-${owner}-${family.replaceAll('.', '-')}`
  for (let n = 1; n <= 20; n++) {
    const name = n === 1 ? base : `${base}-${n}`
    if ((await familyOf(account, name, scope, signal)) === undefined) return name
  }
  throw new AppError(
    'plan-impossible',
    `there are 20 parameter groups ${base}-…`,
    'Delete those that nobody has.',
  )
}

async function usersOf(account: Account, group: string, id: string, signal?: AbortSignal): Promise<string[]> {
  const all = await everyInstance(account, signal)
  return all.filter(one => one.parameterGroup?.name === group && one.id !== id).map(one => one.id)
}

/** Throws AppError, also where there are more than can be looked at. */
export async function everyInstance(account: Account, signal?: AbortSignal): Promise<Database[]> {
  const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds')
  const all: Database[] = []
  let Marker: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const command = new DescribeDBInstancesCommand({ MaxRecords: 100, Marker })
    const answer = await account.call('rds:DescribeDBInstances', (rds, o) => rds.send(command, o), signal)
    all.push(...(answer.DBInstances ?? []).map(raw => databaseOf(raw)))
    Marker = answer.Marker
    if (!Marker) return all
  }
  throw tooMany('instances')
}

async function clustersUnder(
  account: Account,
  group: string,
  id: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const { DescribeDBClustersCommand } = await import('@aws-sdk/client-rds')
  const others: string[] = []
  let Marker: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const command = new DescribeDBClustersCommand({ MaxRecords: 100, Marker })
    const answer = await account.call('rds:DescribeDBClusters', (rds, o) => rds.send(command, o), signal)
    for (const { DBClusterParameterGroup, DBClusterIdentifier = '' } of answer.DBClusters ?? [])
      if (DBClusterParameterGroup === group && DBClusterIdentifier !== id) others.push(DBClusterIdentifier)
    Marker = answer.Marker
    if (!Marker) return others
  }
  throw tooMany('clusters')
}

const tooMany = (what: string): AppError =>
  new AppError(
    'plan-impossible',
    `there are too many ${what} to know who else a change would touch`,
    'Give it a parameter group, or a security group, of its own.',
  )
