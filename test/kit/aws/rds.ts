// The fake of RDS: AWS Query in, XML out.

import { clusterPasses, definitionsOf, groupOf } from './group.ts'
import { onlyMembers, within } from './members.ts'
import { MODIFY_ALLOWED, MODIFY_ANSWERS, passes } from './modify.ts'
import { proxyOf, proxyPasses } from './proxy.ts'
import { invalid, Refusal } from './refusal.ts'
import type { Definition, Described, Group, World } from './world.ts'
import { listOf, type Value, xmlOf } from './xml.ts'

type Form = Record<string, Value>

const ITEMS: Record<string, string> = {
  DBInstances: 'DBInstance',
  DBClusters: 'DBCluster',
  DBClusterMembers: 'DBClusterMember',
  DBParameterGroups: 'DBParameterGroup',
  VpcSecurityGroups: 'VpcSecurityGroupMembership',
  Subnets: 'Subnet',
  Parameters: 'Parameter',
  Events: 'Event',
  EventCategories: 'EventCategory',
  EnabledCloudwatchLogsExports: 'member',
  TagList: 'Tag',
  DescribeDBLogFiles: 'DescribeDBLogFilesDetails',
  DBSnapshots: 'DBSnapshot',
  OrderableDBInstanceOptions: 'OrderableDBInstanceOption',
  AvailabilityZones: 'AvailabilityZone',
  StatusInfos: 'DBInstanceStatusInfo',
  ReadReplicaDBInstanceIdentifiers: 'ReadReplicaDBInstanceIdentifier',
  DBClusterParameterGroups: 'DBClusterParameterGroup',
}
const COMMON = ['Action', 'Version']
const PAGED = [...COMMON, 'Marker', 'MaxRecords', 'Filters']
const ALLOWED: Record<string, string[]> = {
  DescribeDBInstances: [...PAGED, 'DBInstanceIdentifier'],
  DescribeDBClusters: [...PAGED, 'DBClusterIdentifier', 'IncludeShared'],
  DescribeDBParameters: [...PAGED, 'DBParameterGroupName', 'Source'],
  DescribeDBClusterParameters: [...PAGED, 'DBClusterParameterGroupName', 'Source'],
  DescribeEvents: [
    ...PAGED,
    'SourceIdentifier',
    'SourceType',
    'StartTime',
    'EndTime',
    'Duration',
    'EventCategories',
  ],
  DescribeDBLogFiles: [...PAGED, 'DBInstanceIdentifier', 'FilenameContains', 'FileLastWritten', 'FileSize'],
  DownloadDBLogFilePortion: [...COMMON, 'DBInstanceIdentifier', 'LogFileName', 'Marker', 'NumberOfLines'],
  DescribeDBProxies: [...PAGED, 'DBProxyName'],
  DescribeDBProxyTargetGroups: [...PAGED, 'DBProxyName', 'TargetGroupName'],
  DescribeDBProxyTargets: [...PAGED, 'DBProxyName', 'TargetGroupName'],
  DescribeDBParameterGroups: [...PAGED, 'DBParameterGroupName'],
  DescribeDBSnapshots: [...PAGED, 'DBInstanceIdentifier', 'DBSnapshotIdentifier', 'SnapshotType'],
  DescribeOrderableDBInstanceOptions: [...PAGED, 'Engine', 'EngineVersion', 'DBInstanceClass', 'Vpc'],
  ...MODIFY_ALLOWED,
}

export function rds(world: World, operation: string, form: Form, now: number): string {
  const allowed = ALLOWED[operation]
  if (!allowed || form.Version !== '2014-10-31')
    throw new Refusal('InvalidAction', `Could not find operation ${operation}`)
  onlyMembers(form, allowed, 'MalformedInput')
  within(form, 'MaxRecords', operation === 'DescribeDBLogFiles' ? 1 : 20, 100, 'InvalidParameterValue')
  const result = ANSWERS[operation]!(world, form, now)
  return `<${operation}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><${operation}Result>${xmlOf(result, ITEMS)}</${operation}Result><ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></${operation}Response>`
}

const ANSWERS: Record<string, (world: World, form: Form, now: number) => Value> = {
  ...MODIFY_ANSWERS,
  DescribeDBParameterGroups: (world, { DBParameterGroupName: name }) => {
    const { family, description } = groupOf(world, String(name))
    return {
      DBParameterGroups: [
        { DBParameterGroupName: name, DBParameterGroupFamily: family, Description: description },
      ],
    }
  },
  DescribeDBSnapshots: ({ snapshots, instances }, { DBSnapshotIdentifier: id }) => ({
    DBSnapshots: named(snapshots, 'DBSnapshotIdentifier', id, 'DBSnapshotNotFound', 'not found').map(one => {
      const of = instances.find(
        ({ DBInstanceIdentifier }) => DBInstanceIdentifier === one.DBInstanceIdentifier,
      )
      if (of?.DBInstanceStatus === 'available')
        Object.assign(one, { Status: 'available', PercentProgress: 100 })
      return one
    }),
  }),
  DescribeOrderableDBInstanceOptions: (world, form) => ({
    OrderableDBInstanceOptions: world.orderable.filter(
      ({ DBInstanceClass }) => form.DBInstanceClass === undefined || DBInstanceClass === form.DBInstanceClass,
    ),
  }),
  DescribeDBInstances: (world, form) => {
    const { DBInstanceIdentifier: id } = form
    const found = world.instances.map(one =>
      id === undefined || one.DBInstanceIdentifier === id ? passes(world, one) : one,
    )
    const words = `DBInstance ${String(id)} not found.`
    return page('DBInstances', form, named(found, 'DBInstanceIdentifier', id, 'DBInstanceNotFound', words))
  },
  DescribeDBClusters: (world, { DBClusterIdentifier: id }) => ({
    DBClusters: named(
      world.clusters.map(one => clusterPasses(world, one)),
      'DBClusterIdentifier',
      id,
      'DBClusterNotFoundFault',
      `DBCluster ${String(id)} not found.`,
    ),
  }),
  DescribeDBParameters: (world, form) => parameters(world, String(form.DBParameterGroupName), form),
  DescribeDBClusterParameters: (world, form) =>
    parameters(world, `cluster:${String(form.DBClusterParameterGroupName)}`, form),
  DescribeEvents: events,
  DescribeDBLogFiles: logFiles,
  DownloadDBLogFilePortion: logPortion,
  DescribeDBProxies: (world, { DBProxyName: name }) => {
    for (const one of world.proxies) proxyPasses(world, one)
    const all = world.proxies.map(({ proxy }) => proxy)
    return { DBProxies: named(all, 'DBProxyName', name, 'DBProxyNotFoundFault', 'not found') }
  },
  DescribeDBProxyTargetGroups: (world, form) => ({ TargetGroups: [proxyOf(world, form).group] }),
  DescribeDBProxyTargets: (world, form) => {
    const found = proxyOf(world, form)
    proxyPasses(world, found)
    return { Targets: found.targets }
  },
}

function named(all: Described[], member: string, id: Value, code: string, message: string): Described[] {
  const found = id === undefined ? all : all.filter(one => one[member] === id)
  if (found.length === 0 && id !== undefined) throw new Refusal(code, message, 404)
  return found
}

/** A page holds 100; here it holds two, so that pages are turned. */
const PAGE = 2

function parameters(world: World, group: string, form: Form): Value {
  const { parameters: groups } = world
  const own = world.parameterGroups[group]
  const definitions = own && definitionsOf(world, group, own.family)
  const values = own ? effective(definitions ?? {}, own) : groups[group]
  if (!values) throw new Refusal('DBParameterGroupNotFound', `DBParameterGroup not found: ${group}`, 404)
  const filters = listOf((form.Filters as Form | undefined)?.Filter)
  const names = filters.flatMap(filter => {
    const { Name, Values } = filter as Form
    if (Name !== 'parameter-name') throw invalid(`Unrecognized filter name: ${String(Name)}`)
    return listOf((Values as Form).Value).map(String)
  })
  return page(
    'Parameters',
    form,
    Object.entries(values)
      .filter(([name]) => names.length === 0 || names.includes(name))
      .map(([ParameterName, ParameterValue]) => {
        const known = definitions?.[ParameterName]
        return {
          ParameterName,
          ...(ParameterValue === '' ? {} : { ParameterValue }),
          Source: own && !(ParameterName in own.values) ? 'engine-default' : 'user',
          IsModifiable: known?.modifiable ?? true,
          ...(known ? { ApplyType: known.apply, AllowedValues: known.allowed } : {}),
        }
      })
      .filter(({ Source }) => form.Source === undefined || Source === form.Source),
  )
}

/** Every parameter of the family, with what somebody has set; empty: the engine's own. */
const effective = (known: Record<string, Definition>, { values }: Group): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(known).map(([name, { value }]) => [name, value ?? ''])),
  ...values,
})

function page(name: string, { Marker }: Form, all: Value[]): Value {
  const first = Number(Marker ?? 0)
  const next = first + PAGE
  return { [name]: all.slice(first, next), ...(next < all.length ? { Marker: String(next) } : {}) }
}

const KEPT_MS = 14 * 24 * 3_600_000

function events(world: World, form: Form, now: number): Value {
  if (form.SourceIdentifier !== undefined && form.SourceType === undefined)
    throw new Refusal('InvalidParameterCombination', 'SourceType must be supplied with SourceIdentifier')
  const [from, to] = [Date.parse(String(form.StartTime)), Date.parse(String(form.EndTime))]
  if (from < now - KEPT_MS) throw invalid('StartTime is more than 14 days ago')
  if (from > to) throw invalid('StartTime must be before EndTime')
  const found = world.events.filter(
    ({ source, at }) => source === form.SourceIdentifier && at >= from && at <= to,
  )
  return page(
    'Events',
    form,
    found.map(({ source, at, message, categories }) => ({
      SourceIdentifier: source,
      SourceType: form.SourceType,
      Message: message,
      EventCategories: categories,
      Date: new Date(at),
    })),
  )
}

function logFiles(world: World, form: Form): Value {
  const id = String(form.DBInstanceIdentifier)
  const files = world.instances.some(one => one.DBInstanceIdentifier === id)
    ? (world.logs[id] ?? [])
    : undefined
  if (!files)
    throw new Refusal('DBInstanceNotFound', `DBInstance ${String(form.DBInstanceIdentifier)} not found.`, 404)
  const since = Number(form.FileLastWritten ?? 0)
  return page(
    'DescribeDBLogFiles',
    form,
    files
      .filter(
        ({ name, writtenAt }) => name.includes(String(form.FilenameContains ?? '')) && writtenAt >= since,
      )
      .map(({ name, text, writtenAt }) => ({
        LogFileName: name,
        LastWritten: writtenAt,
        Size: Buffer.byteLength(text),
      })),
  )
}

const PORTION = 2_000

/** The marker is opaque, and "0" the beginning; without a marker it is the end of the file. */
function logPortion(world: World, form: Form): Value {
  const file = (world.logs[String(form.DBInstanceIdentifier)] ?? []).find(
    ({ name }) => name === form.LogFileName,
  )
  if (!file)
    throw new Refusal(
      'DBLogFileNotFoundFault',
      `DBLog File: ${String(form.LogFileName)}, not found on the DB instance`,
      404,
    )
  const first = form.Marker === '0' ? 0 : Number(/^m:(\d+)$/.exec(String(form.Marker))?.[1] ?? Number.NaN)
  if (Number.isNaN(first)) throw invalid('Marker is not valid')
  const rest = file.text.slice(first)
  const end = rest.length <= PORTION ? rest.length : rest.lastIndexOf('\n', PORTION) + 1
  return {
    LogFileData: rest.slice(0, end),
    Marker: `m:${first + end}`,
    AdditionalDataPending: end < rest.length,
  }
}
