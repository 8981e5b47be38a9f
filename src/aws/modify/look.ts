// What is there now, under the names of an operation. What was asked for and is on its way counts as there: it was sent.
import { AppError, type Look, type RdsOperation, type State } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import { type Database, databaseOf } from '../describe/database.ts'
import { familyOf, isNotFound, parameterFacts } from './parameter.ts'

/** Throws AppError. */
export async function lookAt(
  account: Account,
  { call, after }: RdsOperation,
  signal?: AbortSignal,
): Promise<Look> {
  if (call.kind === 'create-parameter-group')
    return same({ family: (await familyOf(account, call.group, signal)) ?? null })
  if (call.kind === 'snapshot')
    return same({ snapshot: (await hasSnapshot(account, call.snapshot, signal)) ? 'available' : null })
  if (call.kind === 'set-parameters') return parametersNow(account, call.group, Object.keys(after), signal)
  const database = await describeInstance(account, call.instance, signal)
  if (call.kind === 'restart') return same({ parameters: restartState(database) })
  return same(Object.fromEntries(Object.keys(after).map(name => [name, memberNow(database, name)])))
}

const same = (now: State): Look => ({ now, kept: now })

/** Throws AppError `instance-unknown`. */
export async function describeInstance(
  account: Account,
  id: string,
  signal?: AbortSignal,
): Promise<Database> {
  const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds')
  const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: id })
  const answer = await account
    .call('rds:DescribeDBInstances', (rds, o) => rds.send(command, o), signal)
    .catch((error: unknown) => {
      if (isNotFound(error)) return { DBInstances: [] }
      throw error
    })
  const [found] = answer.DBInstances ?? []
  if (!found)
    throw new AppError('instance-unknown', `there is no RDS instance ${id}`, 'It was deleted or renamed.')
  return databaseOf(found)
}

/** One that restarts now is being brought in sync. */
const restartState = ({ status, parameterGroup }: Database): string =>
  status === 'rebooting' ? 'in-sync' : (parameterGroup?.status ?? 'in-sync')

function memberNow(
  { pending, storage, instanceClass, parameterGroup }: Database,
  name: string,
): string | null {
  const waiting = pending[name]
  if (waiting !== undefined) return waiting
  const now: Record<string, string | number | undefined> = {
    DBInstanceClass: instanceClass,
    DBParameterGroupName: parameterGroup?.name,
    AllocatedStorage: storage.gib,
    // A ceiling that is the size is none.
    MaxAllocatedStorage: storage.maxGib === storage.gib ? undefined : storage.maxGib,
    Iops: storage.iops,
    StorageThroughput: storage.mibPerS,
    StorageType: storage.type,
  }
  const value = now[name]
  return value === undefined ? null : String(value)
}

async function hasSnapshot(account: Account, id: string, signal?: AbortSignal): Promise<boolean> {
  const { DescribeDBSnapshotsCommand } = await import('@aws-sdk/client-rds')
  const command = new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id })
  try {
    const { DBSnapshots = [] } = await account.call(
      'rds:DescribeDBSnapshots',
      (rds, o) => rds.send(command, o),
      signal,
    )
    return DBSnapshots.length > 0
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

async function parametersNow(
  account: Account,
  group: string,
  names: string[],
  signal?: AbortSignal,
): Promise<Look> {
  const facts = await parameterFacts(account, group, names, signal)
  const state = (of: (name: string) => string | null): State =>
    Object.fromEntries(names.map(name => [name, of(name)]))
  return {
    now: state(name => facts.get(name)?.value ?? null),
    kept: state(name => {
      const fact = facts.get(name)
      return fact?.isSet ? fact.value : null
    }),
  }
}
