// The part of the fake of RDS that changes things: states, pending values, groups and snapshots, and what AWS refuses.
import { onlyMembers } from './members.ts'
import { invalid, Refusal } from './refusal.ts'
import type { Described, Group, World } from './world.ts'
import { listOf, type Value } from './xml.ts'

type Form = Record<string, Value>

const COMMON = ['Action', 'Version']
const NUMBERS = ['AllocatedStorage', 'MaxAllocatedStorage', 'Iops', 'StorageThroughput']
const DEFERRED = ['DBInstanceClass', 'AllocatedStorage', 'Iops', 'StorageThroughput', 'StorageType']
export const MODIFY_ALLOWED: Record<string, string[]> = {
  ModifyDBInstance: [
    ...COMMON,
    'DBInstanceIdentifier',
    'ApplyImmediately',
    'DBParameterGroupName',
    'MaxAllocatedStorage',
    ...DEFERRED,
  ],
  RebootDBInstance: [...COMMON, 'DBInstanceIdentifier', 'ForceFailover'],
  CreateDBParameterGroup: [...COMMON, 'DBParameterGroupName', 'DBParameterGroupFamily', 'Description'],
  CopyDBParameterGroup: [
    ...COMMON,
    'SourceDBParameterGroupIdentifier',
    'TargetDBParameterGroupIdentifier',
    'TargetDBParameterGroupDescription',
  ],
  ModifyDBParameterGroup: [...COMMON, 'DBParameterGroupName', 'Parameters'],
  ResetDBParameterGroup: [...COMMON, 'DBParameterGroupName', 'ResetAllParameters', 'Parameters'],
  CreateDBSnapshot: [...COMMON, 'DBInstanceIdentifier', 'DBSnapshotIdentifier'],
}

export const MODIFY_ANSWERS: Record<string, (world: World, form: Form) => Value> = {
  ModifyDBInstance: (world, form) => ({ DBInstance: modify(world, form) }),
  RebootDBInstance: (world, form) => ({ DBInstance: reboot(world, form) }),
  CreateDBParameterGroup: (world, form) => ({ DBParameterGroup: createGroup(world, form) }),
  CopyDBParameterGroup: (world, form) => ({ DBParameterGroup: copyGroup(world, form) }),
  ModifyDBParameterGroup: (world, form) => setParameters(world, form, false),
  ResetDBParameterGroup: (world, form) => setParameters(world, form, true),
  CreateDBSnapshot: (world, form) => ({ DBSnapshot: createSnapshot(world, form) }),
}

/** What an instance does by itself as time goes by; a look at it is a moment. */
export function passes(world: World, one: Described): Described {
  const left = world.busy.get(String(one.DBInstanceIdentifier)) ?? 0
  if (world.stuck) return { ...one }
  if (left > 0) world.busy.set(String(one.DBInstanceIdentifier), left - 1)
  else if (BUSY.includes(String(one.DBInstanceStatus))) settle(world, one)
  return { ...one }
}

const BUSY = ['modifying', 'rebooting', 'backing-up']
/** Looks that something takes. */
const TAKES = 2

const instanceOf = (world: World, { DBInstanceIdentifier: id }: Form): Described => {
  const found = world.instances.find(one => one.DBInstanceIdentifier === id)
  if (!found) throw new Refusal('DBInstanceNotFound', `DBInstance ${String(id)} not found.`, 404)
  return found
}

function settle(world: World, one: Described): void {
  const was = one.DBInstanceStatus
  one.DBInstanceStatus = 'available'
  const [group] = (one.DBParameterGroups ?? []) as Described[]
  if (was === 'rebooting' && group) group.ParameterApplyStatus = 'in-sync'
  if (was === 'modifying') {
    Object.assign(one, one.PendingModifiedValues)
    one.PendingModifiedValues = {}
    if (group?.ParameterApplyStatus === 'applying') group.ParameterApplyStatus = 'pending-reboot'
  }
  world.changed?.(one, String(was))
}

function begin(world: World, one: Described, status: string): void {
  one.DBInstanceStatus = status
  world.busy.set(String(one.DBInstanceIdentifier), TAKES)
}

function mustBeAvailable(one: Described): void {
  if (one.DBInstanceStatus !== 'available')
    throw new Refusal(
      'InvalidDBInstanceState',
      `Database instance is not in available state: ${String(one.DBInstanceStatus)}`,
    )
}

function modify(world: World, form: Form): Described {
  const one = instanceOf(world, form)
  mustBeAvailable(one)
  const asked = Object.fromEntries(
    DEFERRED.flatMap(name =>
      form[name] === undefined ? [] : [[name, NUMBERS.includes(name) ? Number(form[name]) : form[name]]],
    ),
  )
  checkStorage(world, one, { ...form, ...asked })
  if (
    form.DBInstanceClass !== undefined &&
    !world.orderable.some(({ DBInstanceClass }) => DBInstanceClass === form.DBInstanceClass)
  )
    throw new Refusal(
      'InvalidParameterCombination',
      `RDS does not support creating a DB instance with the following combination: DBInstanceClass=${String(form.DBInstanceClass)}`,
    )
  if (form.MaxAllocatedStorage !== undefined) one.MaxAllocatedStorage = Number(form.MaxAllocatedStorage)
  if (form.DBParameterGroupName !== undefined) associate(world, one, String(form.DBParameterGroupName))
  const changes = Object.entries(asked).filter(([name, value]) => one[name] !== value)
  if (changes.length > 0) {
    one.PendingModifiedValues = {
      ...(one.PendingModifiedValues as Described),
      ...Object.fromEntries(changes),
    }
    if (changes.some(([name]) => name !== 'DBInstanceClass'))
      world.storageChanged.add(String(one.DBInstanceIdentifier))
  }
  // Everything that waits rides along.
  const waits = Object.keys((one.PendingModifiedValues ?? {}) as Described).length > 0
  if ((waits && form.ApplyImmediately === 'true') || form.DBParameterGroupName !== undefined)
    begin(world, one, 'modifying')
  return one
}

function checkStorage(world: World, one: Described, form: Form): void {
  const { AllocatedStorage: size, MaxAllocatedStorage: most, Iops: iops } = form
  const [now, type] = [Number(one.AllocatedStorage), form.StorageType ?? one.StorageType]
  if (size !== undefined && Number(size) < now)
    throw new Refusal('InvalidParameterCombination', 'Invalid storage size: it cannot be reduced')
  const grows = size !== undefined && Number(size) !== now
  if (grows && Number(size) < Math.ceil((now * 11) / 10))
    throw new Refusal('InvalidParameterCombination', 'must be increased by at least 10 percent')
  if (grows && ['gp3', 'io1', 'io2'].includes(String(type)) && one.Iops !== undefined && iops === undefined)
    throw new Refusal('InvalidParameterCombination', 'You must specify both the storage size and iops')
  if (
    (grows || (iops !== undefined && iops !== one.Iops)) &&
    world.storageChanged.has(String(one.DBInstanceIdentifier))
  )
    throw new Refusal(
      'InvalidParameterCombination',
      'You can not modify the storage: optimization is in progress or 6 hours have not passed',
    )
  if (iops !== undefined && type === 'gp3' && Number(size ?? now) < 400)
    throw new Refusal(
      'InvalidParameterCombination',
      'You cannot specify IOPS or storage throughput for less than 400 GiB',
    )
  const base = Number(size ?? now)
  if (most !== undefined && Number(most) !== base && Number(most) < Math.ceil((base * 11) / 10))
    throw invalid('Invalid max storage size for engine name')
}

function associate(world: World, one: Described, name: string): void {
  const group = groupOf(world, name)
  if (group.family !== familyOf(one))
    throw new Refusal(
      'InvalidParameterCombination',
      `The parameter group ${name} with family ${group.family} cannot be used`,
    )
  one.DBParameterGroups = [{ DBParameterGroupName: name, ParameterApplyStatus: 'applying' }]
}

const familyOf = ({ Engine, EngineVersion }: Described): string => {
  const [major = '', minor] = String(EngineVersion).split('.')
  return `${String(Engine)}${Engine === 'postgres' ? major : `${major}.${minor}`}`
}

export const groupOf = (world: World, name: string): Group => {
  const found = world.parameterGroups[name]
  if (!found) throw new Refusal('DBParameterGroupNotFound', `DBParameterGroup not found: ${name}`, 404)
  return found
}

function reboot(world: World, form: Form): Described {
  const one = instanceOf(world, form)
  mustBeAvailable(one)
  if (form.ForceFailover === 'true' && one.MultiAZ !== true)
    throw new Refusal('InvalidParameterCombination', 'Cannot reboot with failover')
  begin(world, one, 'rebooting')
  return one
}

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/

function newGroup(world: World, name: string): void {
  if (!NAME.test(name) || name.length > 255)
    throw invalid(`The parameter DBParameterGroupName is not a valid identifier: ${name}`)
  if (world.parameterGroups[name])
    throw new Refusal('DBParameterGroupAlreadyExists', `Parameter group ${name} already exists`)
}

function createGroup(world: World, form: Form): Described {
  const [name, family, description] = [
    form.DBParameterGroupName,
    form.DBParameterGroupFamily,
    form.Description,
  ].map(String) as [string, string, string]
  newGroup(world, name)
  if (!world.definitions[family])
    throw invalid(`ParameterGroupFamily ${family} is not a valid parameter group family`)
  world.parameterGroups[name] = { family, description, values: {} }
  return { DBParameterGroupName: name, DBParameterGroupFamily: family, Description: description }
}

function copyGroup(world: World, form: Form): Described {
  const source = groupOf(world, String(form.SourceDBParameterGroupIdentifier))
  const name = String(form.TargetDBParameterGroupIdentifier)
  newGroup(world, name)
  world.parameterGroups[name] = {
    ...source,
    description: String(form.TargetDBParameterGroupDescription),
    values: { ...source.values },
  }
  return { DBParameterGroupName: name, DBParameterGroupFamily: source.family }
}

function setParameters(world: World, form: Form, resets: boolean): Value {
  const name = String(form.DBParameterGroupName)
  const group = groupOf(world, name)
  if (name.startsWith('default.'))
    throw invalid('This operation cannot be performed on a default parameter group')
  const parameters = listOf((form.Parameters as Form | undefined)?.Parameter) as Form[]
  if (parameters.length < 1 || parameters.length > 20) throw invalid('1 to 20 parameters')
  let waits = false
  for (const one of parameters) {
    onlyMembers(one, ['ParameterName', 'ParameterValue', 'ApplyMethod'], 'MalformedInput')
    const known = world.definitions[group.family]?.[String(one.ParameterName)]
    if (!known) throw invalid(`Could not find parameter with name: ${String(one.ParameterName)}`)
    if (known.modifiable === false)
      throw invalid(`The parameter ${String(one.ParameterName)} cannot be modified`)
    if (one.ApplyMethod !== 'pending-reboot' && (one.ApplyMethod !== 'immediate' || known.apply === 'static'))
      throw new Refusal(
        'InvalidParameterCombination',
        'cannot use immediate apply method for static parameter',
      )
    if (!resets && !isAllowed(String(one.ParameterValue), known.allowed))
      throw invalid(
        `Invalid parameter value: ${String(one.ParameterValue)} for: ${String(one.ParameterName)} allowed: ${known.allowed}`,
      )
    if (resets) delete group.values[String(one.ParameterName)]
    else group.values[String(one.ParameterName)] = String(one.ParameterValue)
    waits ||= known.apply === 'static'
  }
  for (const instance of world.instances)
    for (const used of (instance.DBParameterGroups ?? []) as Described[])
      if (used.DBParameterGroupName === name) {
        if (waits) used.ParameterApplyStatus = 'pending-reboot'
        else world.changed?.(instance, 'parameters')
      }
  return { DBParameterGroupName: name }
}

const isAllowed = (value: string, allowed: string | undefined): boolean => {
  const [, least, most] = /^(-?\d+)-(\d+)$/.exec(allowed ?? '') ?? []
  if (least === undefined) return allowed === undefined || allowed.split(',').includes(value)
  return (
    /[{(]/.test(value) ||
    (/^-?\d+$/.test(value) && Number(value) >= Number(least) && Number(value) <= Number(most))
  )
}

function createSnapshot(world: World, form: Form): Described {
  const one = instanceOf(world, form)
  mustBeAvailable(one)
  const name = String(form.DBSnapshotIdentifier)
  if (!NAME.test(name)) throw invalid(`The parameter DBSnapshotIdentifier is not a valid identifier: ${name}`)
  if (world.snapshots.some(({ DBSnapshotIdentifier }) => DBSnapshotIdentifier === name))
    throw new Refusal(
      'DBSnapshotAlreadyExists',
      `Cannot create the snapshot because one with the identifier ${name} already exists.`,
    )
  const snapshot = {
    DBSnapshotIdentifier: name,
    DBInstanceIdentifier: form.DBInstanceIdentifier,
    Status: 'creating',
    PercentProgress: 0,
  }
  world.snapshots.push(snapshot)
  begin(world, one, 'backing-up')
  return snapshot
}
