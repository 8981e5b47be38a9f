// Parameter groups, of an instance or of its cluster: made, copied, and what is set in them.
import type { Parameter } from '@aws-sdk/client-rds'
import type { Look, RdsCall, State } from '../../../model/index.ts'
import type { Account } from '../../account/index.ts'
import { familyOf, parameterFacts, scopeOf } from '../parameter.ts'
import { clusterStatus, describeCluster, describeInstance } from './describe.ts'
import { type Doing, type Of, same } from './doing.ts'

export const createGroup: Doing<'create-parameter-group'> = {
  async look(account, { call }, signal) {
    return same({ family: (await familyOf(account, call.group, scopeOf(call), signal)) ?? null })
  },
  async send(account, { call }, signal) {
    if (call.cluster === undefined) await createInstanceGroup(account, call, signal)
    else await createClusterGroup(account, call, signal)
  },
  waitsFor: async () => undefined,
}

type Create = Extract<RdsCall, { kind: 'create-parameter-group' }>

const descriptionOf = ({ instance, cluster }: Create): string => `Made by Spillway for ${cluster ?? instance}`

async function createInstanceGroup(account: Account, call: Create, signal?: AbortSignal): Promise<void> {
  const { group, family, copyOf } = call
  const { CreateDBParameterGroupCommand, CopyDBParameterGroupCommand } = await import('@aws-sdk/client-rds')
  if (copyOf === undefined) {
    const command = new CreateDBParameterGroupCommand({
      DBParameterGroupName: group,
      DBParameterGroupFamily: family,
      Description: descriptionOf(call),
    })
    await account.call('rds:CreateDBParameterGroup', (rds, o) => rds.send(command, o), signal)
    return
  }
  const command = new CopyDBParameterGroupCommand({
    SourceDBParameterGroupIdentifier: copyOf,
    TargetDBParameterGroupIdentifier: group,
    TargetDBParameterGroupDescription: descriptionOf(call),
  })
  await account.call('rds:CopyDBParameterGroup', (rds, o) => rds.send(command, o), signal)
}

async function createClusterGroup(account: Account, call: Create, signal?: AbortSignal): Promise<void> {
  const { group, family, copyOf } = call
  const { CreateDBClusterParameterGroupCommand, CopyDBClusterParameterGroupCommand } = await import(
    '@aws-sdk/client-rds'
  )
  if (copyOf === undefined) {
    const command = new CreateDBClusterParameterGroupCommand({
      DBClusterParameterGroupName: group,
      DBParameterGroupFamily: family,
      Description: descriptionOf(call),
    })
    await account.call('rds:CreateDBClusterParameterGroup', (rds, o) => rds.send(command, o), signal)
    return
  }
  const command = new CopyDBClusterParameterGroupCommand({
    SourceDBClusterParameterGroupIdentifier: copyOf,
    TargetDBClusterParameterGroupIdentifier: group,
    TargetDBClusterParameterGroupDescription: descriptionOf(call),
  })
  await account.call('rds:CopyDBClusterParameterGroup', (rds, o) => rds.send(command, o), signal)
}

export const setParameters: Doing<'set-parameters'> = {
  async look(account, { call, after }, signal): Promise<Look> {
    const names = Object.keys(after)
    const facts = await parameterFacts(account, call.group, names, scopeOf(call), signal)
    const state = (of: (name: string) => string | null): State =>
      Object.fromEntries(names.map(name => [name, of(name)]))
    return {
      now: state(name => facts.get(name)?.value ?? null),
      kept: state(name => {
        const fact = facts.get(name)
        return fact?.isSet ? fact.value : null
      }),
    }
  },
  async send(account, operation, signal) {
    const all = membersOf(operation)
    const set = all.filter(one => one.ParameterValue !== undefined)
    const reset = all.filter(one => one.ParameterValue === undefined)
    const { call } = operation
    if (call.cluster === undefined) await setOfInstance(account, call.group, set, reset, signal)
    else await setOfCluster(account, call.group, set, reset, signal)
  },
  async waitsFor(account, { call }, signal) {
    const wanted = call.pending.length > 0 ? ['pending-reboot'] : ['in-sync', 'pending-reboot']
    const { name, status } = await inForce(account, call, signal)
    return name !== call.group || wanted.includes(status) ? undefined : `its parameters are ${status}`
  },
}

const membersOf = ({ call, after, write }: Of<'set-parameters'>): Parameter[] =>
  Object.entries({ ...after, ...write }).map(
    ([ParameterName, value]): Parameter => ({
      ParameterName,
      ...(value === null ? {} : { ParameterValue: value }),
      ApplyMethod: call.pending.includes(ParameterName) ? 'pending-reboot' : 'immediate',
    }),
  )

async function setOfInstance(
  account: Account,
  DBParameterGroupName: string,
  set: Parameter[],
  reset: Parameter[],
  signal?: AbortSignal,
): Promise<void> {
  const { ModifyDBParameterGroupCommand, ResetDBParameterGroupCommand } = await import('@aws-sdk/client-rds')
  if (set.length > 0) {
    const command = new ModifyDBParameterGroupCommand({ DBParameterGroupName, Parameters: set })
    await account.call('rds:ModifyDBParameterGroup', (rds, o) => rds.send(command, o), signal)
  }
  if (reset.length === 0) return
  const some = { ResetAllParameters: false, Parameters: reset }
  const command = new ResetDBParameterGroupCommand({ DBParameterGroupName, ...some })
  await account.call('rds:ResetDBParameterGroup', (rds, o) => rds.send(command, o), signal)
}

async function setOfCluster(
  account: Account,
  DBClusterParameterGroupName: string,
  set: Parameter[],
  reset: Parameter[],
  signal?: AbortSignal,
): Promise<void> {
  const { ModifyDBClusterParameterGroupCommand, ResetDBClusterParameterGroupCommand } = await import(
    '@aws-sdk/client-rds'
  )
  if (set.length > 0) {
    const command = new ModifyDBClusterParameterGroupCommand({ DBClusterParameterGroupName, Parameters: set })
    await account.call('rds:ModifyDBClusterParameterGroup', (rds, o) => rds.send(command, o), signal)
  }
  if (reset.length === 0) return
  const some = { ResetAllParameters: false, Parameters: reset }
  const command = new ResetDBClusterParameterGroupCommand({ DBClusterParameterGroupName, ...some })
  await account.call('rds:ResetDBClusterParameterGroup', (rds, o) => rds.send(command, o), signal)
}

/** The group that it has now, and how far that is in force. */
async function inForce(
  account: Account,
  { instance, cluster }: Extract<RdsCall, { kind: 'set-parameters' }>,
  signal?: AbortSignal,
): Promise<{ name: string | undefined; status: string }> {
  if (cluster === undefined) {
    const { parameterGroup } = await describeInstance(account, instance, signal)
    return { name: parameterGroup?.name, status: parameterGroup?.status ?? 'in-sync' }
  }
  const found = await describeCluster(account, cluster, signal)
  return { name: found.DBClusterParameterGroup, status: clusterStatus(found, instance) }
}
