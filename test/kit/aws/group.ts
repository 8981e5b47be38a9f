// The part of the fake of RDS that has parameter groups: those of instances, and those of clusters, kept as `cluster:NAME`.
import { onlyMembers } from './members.ts'
import { invalid, Refusal } from './refusal.ts'
import { TAKES } from './state.ts'
import type { Definition, Described, Group, World } from './world.ts'
import { listOf, type Value } from './xml.ts'

type Form = Record<string, Value>
/** As it stands in the names of calls and members. */
type Kind = 'DB' | 'DBCluster'

const COMMON = ['Action', 'Version']
export const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/

const allowed = (kind: Kind): Record<string, string[]> => ({
  [`Create${kind}ParameterGroup`]: [
    ...[...COMMON, `${kind}ParameterGroupName`, 'DBParameterGroupFamily', 'Description'],
  ],
  [`Copy${kind}ParameterGroup`]: [
    ...[...COMMON, `Source${kind}ParameterGroupIdentifier`],
    ...[`Target${kind}ParameterGroupIdentifier`, `Target${kind}ParameterGroupDescription`],
  ],
  [`Modify${kind}ParameterGroup`]: [...COMMON, `${kind}ParameterGroupName`, 'Parameters'],
  [`Reset${kind}ParameterGroup`]: [
    ...[...COMMON, `${kind}ParameterGroupName`, 'ResetAllParameters', 'Parameters'],
  ],
})

export const GROUP_ALLOWED: Record<string, string[]> = {
  ...allowed('DB'),
  ...allowed('DBCluster'),
  DescribeDBClusterParameterGroups: [
    ...[...COMMON, 'Marker', 'MaxRecords', 'Filters', 'DBClusterParameterGroupName'],
  ],
  ModifyDBCluster: [...[...COMMON, 'DBClusterIdentifier', 'DBClusterParameterGroupName', 'ApplyImmediately']],
}

type Answers = Record<string, (world: World, form: Form) => Value>

const answers = (kind: Kind): Answers => ({
  [`Create${kind}ParameterGroup`]: (world, form) => ({
    [`${kind}ParameterGroup`]: createGroup(world, form, kind),
  }),
  [`Copy${kind}ParameterGroup`]: (world, form) => ({
    [`${kind}ParameterGroup`]: copyGroup(world, form, kind),
  }),
  [`Modify${kind}ParameterGroup`]: (world, form) => setParameters(world, form, kind, false),
  [`Reset${kind}ParameterGroup`]: (world, form) => setParameters(world, form, kind, true),
})

export const GROUP_ANSWERS: Answers = {
  ...answers('DB'),
  ...answers('DBCluster'),
  DescribeDBClusterParameterGroups: (world, { DBClusterParameterGroupName: name }) => ({
    DBClusterParameterGroups: [
      described(String(name), groupOf(world, `cluster:${String(name)}`), 'DBCluster'),
    ],
  }),
  ModifyDBCluster: (world, form) => ({ DBCluster: modifyCluster(world, form) }),
}

const described = (name: string, { family, description }: Group, kind: Kind): Described => ({
  [`${kind}ParameterGroupName`]: name,
  DBParameterGroupFamily: family,
  Description: description,
})

const keyOf = (kind: Kind, name: string): string => (kind === 'DB' ? name : `cluster:${name}`)

/** `key`: the name, of a cluster's with `cluster:` before it. */
export const groupOf = (world: World, key: string): Group => {
  const found = world.parameterGroups[key]
  if (!found) throw new Refusal('DBParameterGroupNotFound', `DBParameterGroup not found: ${key}`, 404)
  return found
}

/** A family has other parameters for its clusters. */
export const definitionsOf = (
  { definitions }: World,
  key: string,
  family: string,
): Record<string, Definition> => definitions[key.startsWith('cluster:') ? `cluster:${family}` : family] ?? {}

function newGroup(world: World, kind: Kind, name: string, group: Group): Described {
  if (!NAME.test(name) || name.length > 255)
    throw invalid(`The parameter ${kind}ParameterGroupName is not a valid identifier: ${name}`)
  if (world.parameterGroups[keyOf(kind, name)])
    throw new Refusal('DBParameterGroupAlreadyExists', `Parameter group ${name} already exists`)
  world.parameterGroups[keyOf(kind, name)] = group
  return described(name, group, kind)
}

function createGroup(world: World, form: Form, kind: Kind): Described {
  const family = String(form.DBParameterGroupFamily)
  const name = String(form[`${kind}ParameterGroupName`])
  if (Object.keys(definitionsOf(world, keyOf(kind, name), family)).length === 0)
    throw invalid(`ParameterGroupFamily ${family} is not a valid parameter group family`)
  return newGroup(world, kind, name, { family, description: String(form.Description), values: {} })
}

function copyGroup(world: World, form: Form, kind: Kind): Described {
  const source = groupOf(world, keyOf(kind, String(form[`Source${kind}ParameterGroupIdentifier`])))
  return newGroup(world, kind, String(form[`Target${kind}ParameterGroupIdentifier`]), {
    ...source,
    description: String(form[`Target${kind}ParameterGroupDescription`]),
    values: { ...source.values },
  })
}

function setParameters(world: World, form: Form, kind: Kind, resets: boolean): Value {
  const name = String(form[`${kind}ParameterGroupName`])
  const group = groupOf(world, keyOf(kind, name))
  if (name.startsWith('default.'))
    throw invalid('This operation cannot be performed on a default parameter group')
  const parameters = listOf((form.Parameters as Form | undefined)?.Parameter) as Form[]
  if (parameters.length < 1 || parameters.length > 20) throw invalid('1 to 20 parameters')
  const known = definitionsOf(world, keyOf(kind, name), group.family)
  let waits = false
  for (const one of parameters) {
    const definition = checked(known, one, resets)
    if (resets) delete group.values[String(one.ParameterName)]
    else group.values[String(one.ParameterName)] = String(one.ParameterValue)
    waits ||= definition.apply === 'static'
  }
  const inUse = kind === 'DB' ? instancesUnder(world, name) : membersUnder(world, name)
  for (const { instance, member, status } of inUse)
    if (waits) member[status] = 'pending-reboot'
    else if (instance) world.changed?.(instance, 'parameters')
  return { [`${kind}ParameterGroupName`]: name }
}

function checked(known: Record<string, Definition>, one: Form, resets: boolean): Definition {
  onlyMembers(one, ['ParameterName', 'ParameterValue', 'ApplyMethod'], 'MalformedInput')
  const definition = known[String(one.ParameterName)]
  if (!definition) throw invalid(`Could not find parameter with name: ${String(one.ParameterName)}`)
  if (definition.modifiable === false)
    throw invalid(`The parameter ${String(one.ParameterName)} cannot be modified`)
  const isStatic = definition.apply === 'static'
  if (one.ApplyMethod !== 'pending-reboot' && (one.ApplyMethod !== 'immediate' || isStatic))
    throw new Refusal('InvalidParameterCombination', 'cannot use immediate apply method for static parameter')
  if (!resets && !isAllowed(String(one.ParameterValue), definition.allowed))
    throw invalid(
      `Invalid parameter value: ${String(one.ParameterValue)} for: ${String(one.ParameterName)} allowed: ${definition.allowed}`,
    )
  return definition
}

const isAllowed = (value: string, allowed: string | undefined): boolean => {
  const [, least, most] = /^(-?\d+)-(\d+)$/.exec(allowed ?? '') ?? []
  if (least === undefined) return allowed === undefined || allowed.split(',').includes(value)
  return (
    /[{(]/.test(value) ||
    (/^-?\d+$/.test(value) && Number(value) >= Number(least) && Number(value) <= Number(most))
  )
}

interface User {
  instance: Described | undefined
  member: Described
  /** Where it says how far the group is in force. */
  status: string
}

const instancesUnder = ({ instances }: World, name: string): User[] =>
  instances.flatMap(instance =>
    ((instance.DBParameterGroups ?? []) as Described[])
      .filter(({ DBParameterGroupName }) => DBParameterGroupName === name)
      .map(member => ({ instance, member, status: 'ParameterApplyStatus' })),
  )

const membersUnder = ({ clusters, instances }: World, name: string): User[] =>
  clusters
    .filter(({ DBClusterParameterGroup }) => DBClusterParameterGroup === name)
    .flatMap(({ DBClusterMembers }) => (DBClusterMembers ?? []) as Described[])
    .map(member => ({
      instance: instances.find(one => one.DBInstanceIdentifier === member.DBInstanceIdentifier),
      member,
      status: 'DBClusterParameterGroupStatus',
    }))

function modifyCluster(world: World, form: Form): Described {
  const cluster = world.clusters.find(one => one.DBClusterIdentifier === form.DBClusterIdentifier)
  if (!cluster) throw new Refusal('DBClusterNotFoundFault', 'DBCluster not found', 404)
  if (cluster.Status !== 'available')
    throw new Refusal('InvalidDBClusterStateFault', `DB cluster is ${String(cluster.Status)}`)
  const name = String(form.DBClusterParameterGroupName)
  const { family } = groupOf(world, `cluster:${name}`)
  const was = groupOf(world, `cluster:${String(cluster.DBClusterParameterGroup)}`)
  if (family !== was.family)
    throw new Refusal('InvalidParameterCombination', `The parameter group ${name} cannot be used`)
  cluster.DBClusterParameterGroup = name
  cluster.Status = 'modifying'
  for (const member of cluster.DBClusterMembers as Described[])
    member.DBClusterParameterGroupStatus = 'applying'
  world.busy.set(String(cluster.DBClusterIdentifier), TAKES)
  return cluster
}

/** What a cluster does by itself as time goes by; a look at it is a moment. */
export function clusterPasses(world: World, cluster: Described): Described {
  const id = String(cluster.DBClusterIdentifier)
  const left = world.busy.get(id) ?? 0
  if (world.stuck || cluster.Status !== 'modifying') return cluster
  if (left > 0) world.busy.set(id, left - 1)
  else {
    cluster.Status = 'available'
    for (const member of cluster.DBClusterMembers as Described[])
      if (member.DBClusterParameterGroupStatus === 'applying')
        member.DBClusterParameterGroupStatus = 'pending-reboot'
  }
  return cluster
}

/** A restart brings the parameters of the cluster in force, in this member alone. */
export function restartedInCluster({ clusters }: World, { DBInstanceIdentifier: id }: Described): void {
  const members = clusters.flatMap(({ DBClusterMembers }) => (DBClusterMembers ?? []) as Described[])
  for (const member of members)
    if (member.DBInstanceIdentifier === id) member.DBClusterParameterGroupStatus = 'in-sync'
}
