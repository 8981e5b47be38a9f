// Changes of the instance itself, of the cluster that it belongs to, and a restart.
import type { ModifyDBInstanceMessage } from '@aws-sdk/client-rds'
import { AppError, type RdsCall } from '../../../model/index.ts'
import type { Database } from '../../describe/database.ts'
import { clusterStatus, describeCluster, describeInstance } from './describe.ts'
import { type Doing, SETTLED, same } from './doing.ts'

export const modifyInstance: Doing<'modify-instance'> = {
  async look(account, { call, after }, signal) {
    const database = await describeInstance(account, call.instance, signal)
    return same(Object.fromEntries(Object.keys(after).map(name => [name, memberNow(database, name)])))
  },
  async send(account, operation, signal) {
    const { call } = operation
    const wanted = { ...call.together, ...operation.after, ...operation.write }
    // Growing is turned off by a ceiling that is the size.
    const off = wanted.MaxAllocatedStorage === null
    const size = off ? (await describeInstance(account, call.instance, signal)).storage.gib : 0
    const command = await modifyCommand(call, off ? { ...wanted, MaxAllocatedStorage: String(size) } : wanted)
    await account.call('rds:ModifyDBInstance', (rds, o) => rds.send(command, o), signal)
  },
  async waitsFor(account, { call, after }, signal) {
    const { status, pending, parameterGroup } = await describeInstance(account, call.instance, signal)
    if (!SETTLED.includes(status)) return `it is ${status}`
    const late = call.immediately ? Object.keys(after).find(name => name in pending) : undefined
    if (late !== undefined) return `${late} → ${pending[late]} is on its way`
    return 'DBParameterGroupName' in after && parameterGroup?.status === 'applying'
      ? 'its parameter group is being applied'
      : undefined
  },
}

export const modifyCluster: Doing<'modify-cluster'> = {
  async look(account, { call }, signal) {
    const { DBClusterParameterGroup: name } = await describeCluster(account, call.cluster, signal)
    return same({ DBClusterParameterGroupName: name ?? null })
  },
  async send(account, { call, after, write }, signal) {
    const { ModifyDBClusterCommand } = await import('@aws-sdk/client-rds')
    const name = { ...after, ...write }.DBClusterParameterGroupName
    const command = new ModifyDBClusterCommand({
      DBClusterIdentifier: call.cluster,
      ...(name == null ? {} : { DBClusterParameterGroupName: name }),
      ApplyImmediately: call.immediately,
    })
    await account.call('rds:ModifyDBCluster', (rds, o) => rds.send(command, o), signal)
  },
  async waitsFor(account, { call }, signal) {
    const found = await describeCluster(account, call.cluster, signal)
    if (found.Status !== 'available')
      return `cluster ${call.cluster} is ${found.Status ?? 'in no known state'}`
    const { status } = await describeInstance(account, call.instance, signal)
    if (!SETTLED.includes(status)) return `it is ${status}`
    return clusterStatus(found, call.instance) === 'applying'
      ? "the cluster's parameter group is being applied"
      : undefined
  },
}

export const restart: Doing<'restart'> = {
  async look(account, { call }, signal) {
    const database = await describeInstance(account, call.instance, signal)
    // One that restarts now is being brought in sync.
    if (database.status === 'rebooting') return same({ parameters: 'in-sync' })
    const own = database.parameterGroup?.status ?? 'in-sync'
    if (call.cluster === undefined) return same({ parameters: own })
    const shared = clusterStatus(await describeCluster(account, call.cluster, signal), call.instance)
    return same({ parameters: own === 'in-sync' ? shared : own })
  },
  async send(account, { call }, signal) {
    const { RebootDBInstanceCommand } = await import('@aws-sdk/client-rds')
    const command = new RebootDBInstanceCommand({ DBInstanceIdentifier: call.instance, ForceFailover: false })
    await account.call('rds:RebootDBInstance', (rds, o) => rds.send(command, o), signal)
  },
  async waitsFor(account, operation, signal) {
    const { status } = await describeInstance(account, operation.call.instance, signal)
    if (!SETTLED.includes(status)) return `it is ${status}`
    const { now } = await restart.look(account, operation, signal)
    return now.parameters === 'in-sync' ? undefined : `its parameters are ${now.parameters}`
  },
}

const NUMBERS = ['AllocatedStorage', 'MaxAllocatedStorage', 'Iops', 'StorageThroughput']
const TEXTS = ['DBInstanceClass', 'StorageType', 'DBParameterGroupName']

async function modifyCommand(
  { instance, immediately }: Extract<RdsCall, { kind: 'modify-instance' }>,
  wanted: Record<string, string | null>,
) {
  const input: ModifyDBInstanceMessage & Record<string, unknown> = {
    DBInstanceIdentifier: instance,
    ApplyImmediately: immediately,
  }
  for (const [name, value] of Object.entries(wanted)) {
    const number = Number(value)
    if (TEXTS.includes(name) && value !== null) input[name] = value
    else if (NUMBERS.includes(name) && value !== null && Number.isInteger(number)) input[name] = number
    else
      throw new AppError(
        'step-refused',
        `${name} = ${value} is no change of an instance`,
        'Make the plan anew.',
      )
  }
  const { ModifyDBInstanceCommand } = await import('@aws-sdk/client-rds')
  return new ModifyDBInstanceCommand(input)
}

/** What was asked for and is on its way counts as there: it was sent. */
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
