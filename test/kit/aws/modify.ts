// The part of the fake of RDS that changes things: states, pending values, groups and snapshots, and what AWS refuses.
import { GROUP_ALLOWED, GROUP_ANSWERS, groupOf, NAME, restartedInCluster } from './group.ts'
import { PROXY_ALLOWED, PROXY_ANSWERS } from './proxy.ts'
import { invalid, Refusal } from './refusal.ts'
import { createdAs, REPLICA_ALLOWED, REPLICA_ANSWERS } from './replica.ts'
import { begin, instanceNamed, mustBeAvailable } from './state.ts'
import type { Described, World } from './world.ts'
import type { Value } from './xml.ts'

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
  ...GROUP_ALLOWED,
  ...REPLICA_ALLOWED,
  ...PROXY_ALLOWED,
  CreateDBSnapshot: [...COMMON, 'DBInstanceIdentifier', 'DBSnapshotIdentifier'],
}

export const MODIFY_ANSWERS: Record<string, (world: World, form: Form) => Value> = {
  ModifyDBInstance: (world, form) => ({ DBInstance: modify(world, form) }),
  RebootDBInstance: (world, form) => ({ DBInstance: reboot(world, form) }),
  ...GROUP_ANSWERS,
  ...REPLICA_ANSWERS,
  ...PROXY_ANSWERS,
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

const BUSY = ['modifying', 'rebooting', 'backing-up', 'creating']

const instanceOf = (world: World, { DBInstanceIdentifier: id }: Form): Described => instanceNamed(world, id)

function settle(world: World, one: Described): void {
  const was = one.DBInstanceStatus
  one.DBInstanceStatus = was === 'creating' ? createdAs(world, one) : 'available'
  if (was === 'rebooting') restartedInCluster(world, one)
  const [group] = (one.DBParameterGroups ?? []) as Described[]
  if (was === 'rebooting' && group) group.ParameterApplyStatus = 'in-sync'
  if (was === 'modifying') {
    Object.assign(one, one.PendingModifiedValues)
    one.PendingModifiedValues = {}
    if (group?.ParameterApplyStatus === 'applying') group.ParameterApplyStatus = 'pending-reboot'
  }
  world.changed?.(one, String(was))
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
  return `${String(Engine)}${String(Engine).includes('postgres') ? major : `${major}.${minor}`}`
}

function reboot(world: World, form: Form): Described {
  const one = instanceOf(world, form)
  mustBeAvailable(one)
  if (form.ForceFailover === 'true' && one.MultiAZ !== true)
    throw new Refusal('InvalidParameterCombination', 'Cannot reboot with failover')
  begin(world, one, 'rebooting')
  return one
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
