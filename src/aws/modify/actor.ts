// Does the operations of a plan by the API of RDS. Each call is sent with members that are known: the SDK drops the others
// without a word.
import type { ModifyDBInstanceMessage, Parameter } from '@aws-sdk/client-rds'
import { type Actor, AppError, type RdsCall, type RdsOperation } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import { describeInstance, lookAt } from './look.ts'
import { isNotFound } from './parameter.ts'

/** States in which it can be used, and changed by somebody else's rules. */
const SETTLED = ['available', 'storage-optimization']

export const rdsActor = (account: Account): Actor<RdsOperation> => ({
  look: (operation, signal) => lookAt(account, operation, signal),
  send: (operation, signal) => SEND[operation.call.kind](account, operation, signal),
  waitsFor: (operation, signal) => waitsFor(account, operation, signal),
})

type Send = (account: Account, operation: RdsOperation, signal?: AbortSignal) => Promise<void>

const SEND: Record<RdsCall['kind'], Send> = {
  async snapshot(account, { call }, signal) {
    if (call.kind !== 'snapshot') return
    const { CreateDBSnapshotCommand } = await import('@aws-sdk/client-rds')
    const command = new CreateDBSnapshotCommand({
      DBInstanceIdentifier: call.instance,
      DBSnapshotIdentifier: call.snapshot,
    })
    await account.call('rds:CreateDBSnapshot', (rds, o) => rds.send(command, o), signal)
  },
  async 'create-parameter-group'(account, { call }, signal) {
    if (call.kind !== 'create-parameter-group') return
    const { group, family, copyOf, instance } = call
    const description = `Made by Spillway for ${instance}`
    const { CreateDBParameterGroupCommand, CopyDBParameterGroupCommand } = await import('@aws-sdk/client-rds')
    if (copyOf === undefined) {
      const asked = { DBParameterGroupName: group, DBParameterGroupFamily: family, Description: description }
      const command = new CreateDBParameterGroupCommand(asked)
      await account.call('rds:CreateDBParameterGroup', (rds, o) => rds.send(command, o), signal)
      return
    }
    const command = new CopyDBParameterGroupCommand({
      SourceDBParameterGroupIdentifier: copyOf,
      TargetDBParameterGroupIdentifier: group,
      TargetDBParameterGroupDescription: description,
    })
    await account.call('rds:CopyDBParameterGroup', (rds, o) => rds.send(command, o), signal)
  },
  async 'set-parameters'(account, operation, signal) {
    const { call } = operation
    if (call.kind !== 'set-parameters') return
    const all = Object.entries({ ...operation.after, ...operation.write }).map(
      ([ParameterName, value]): Parameter => ({
        ParameterName,
        ...(value === null ? {} : { ParameterValue: value }),
        ApplyMethod: call.pending.includes(ParameterName) ? 'pending-reboot' : 'immediate',
      }),
    )
    const DBParameterGroupName = call.group
    const [set, reset] = [
      all.filter(one => one.ParameterValue !== undefined),
      all.filter(one => one.ParameterValue === undefined),
    ]
    const { ModifyDBParameterGroupCommand, ResetDBParameterGroupCommand } = await import(
      '@aws-sdk/client-rds'
    )
    if (set.length > 0) {
      const command = new ModifyDBParameterGroupCommand({ DBParameterGroupName, Parameters: set })
      await account.call('rds:ModifyDBParameterGroup', (rds, o) => rds.send(command, o), signal)
    }
    if (reset.length > 0) {
      const command = new ResetDBParameterGroupCommand({
        DBParameterGroupName,
        ResetAllParameters: false,
        Parameters: reset,
      })
      await account.call('rds:ResetDBParameterGroup', (rds, o) => rds.send(command, o), signal)
    }
  },
  async 'modify-instance'(account, operation, signal) {
    const { call } = operation
    if (call.kind !== 'modify-instance') return
    const wanted = { ...call.together, ...operation.after, ...operation.write }
    // Growing is turned off by a ceiling that is the size.
    const off = wanted.MaxAllocatedStorage === null
    const size = off ? (await describeInstance(account, call.instance, signal)).storage.gib : 0
    const command = await modifyCommand(call, off ? { ...wanted, MaxAllocatedStorage: String(size) } : wanted)
    await account.call('rds:ModifyDBInstance', (rds, o) => rds.send(command, o), signal)
  },
  async restart(account, { call }, signal) {
    const { RebootDBInstanceCommand } = await import('@aws-sdk/client-rds')
    const command = new RebootDBInstanceCommand({ DBInstanceIdentifier: call.instance, ForceFailover: false })
    await account.call('rds:RebootDBInstance', (rds, o) => rds.send(command, o), signal)
  },
}

const NUMBERS = ['AllocatedStorage', 'MaxAllocatedStorage', 'Iops', 'StorageThroughput']
const TEXTS = ['DBInstanceClass', 'StorageType', 'DBParameterGroupName']

async function modifyCommand(
  { instance, immediately }: Extract<RdsCall, { kind: 'modify-instance' }>,
  wanted: Record<string, string | null>,
) {
  const input: Record<string, unknown> = { DBInstanceIdentifier: instance, ApplyImmediately: immediately }
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
  return new ModifyDBInstanceCommand(input as unknown as ModifyDBInstanceMessage)
}

async function waitsFor(
  account: Account,
  operation: RdsOperation,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { call, after } = operation
  if (call.kind === 'create-parameter-group') return undefined
  const { status, pending, parameterGroup } = await describeInstance(account, call.instance, signal)
  if (call.kind === 'snapshot') return snapshotWaits(account, call.snapshot, status, signal)
  if (call.kind === 'set-parameters') {
    if (parameterGroup?.name !== call.group) return undefined
    const wanted = call.pending.length > 0 ? ['pending-reboot'] : ['in-sync', 'pending-reboot']
    return wanted.includes(parameterGroup.status) ? undefined : `its parameters are ${parameterGroup.status}`
  }
  if (!SETTLED.includes(status)) return `it is ${status}`
  if (call.kind === 'restart')
    return parameterGroup === undefined || parameterGroup.inSync
      ? undefined
      : `its parameters are ${parameterGroup.status}`
  const late = call.immediately ? Object.keys(after).find(name => name in pending) : undefined
  if (late !== undefined) return `${late} → ${pending[late]} is on its way`
  return 'DBParameterGroupName' in after && parameterGroup?.status === 'applying'
    ? 'its parameter group is being applied'
    : undefined
}

async function snapshotWaits(
  account: Account,
  id: string,
  status: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { DescribeDBSnapshotsCommand } = await import('@aws-sdk/client-rds')
  const command = new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id })
  const { DBSnapshots: [found] = [] } = await account
    .call('rds:DescribeDBSnapshots', (rds, o) => rds.send(command, o), signal)
    .catch((error: unknown) => {
      if (isNotFound(error)) return { DBSnapshots: [] }
      throw error
    })
  if (found?.Status === 'failed')
    throw new AppError('step-refused', `snapshot ${id} failed`, 'AWS says no more; try again.')
  if (found?.Status !== 'available') return `the snapshot is at ${found?.PercentProgress ?? 0} %`
  return SETTLED.includes(status) ? undefined : `it is ${status}`
}
