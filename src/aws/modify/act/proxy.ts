// RDS Proxy: the proxy, the size of its pool, and the database as its target, waited for until it reaches it.
import type { ConnectionPoolConfigurationInfo, DBProxy, DBProxyTarget } from '@aws-sdk/client-rds'
import { AppError } from '../../../model/index.ts'
import type { Account } from '../../account/index.ts'
import { isNotFound } from '../parameter.ts'
import { type Doing, type Of, same } from './doing.ts'

/** Of a proxy, out of which it does not come by itself. */
const BROKEN = /^(?:incompatible-network|insufficient-resource-limits|suspended|suspending|deleting)$/
/** Why a target is not reached yet; every other reason stays until somebody mends it. */
const FOR_NOW = ['PENDING_PROXY_CAPACITY']
const GROUP = 'default'

export const createProxy: Doing<'create-proxy'> = {
  async look(account, { call }, signal) {
    const found = await proxyNamed(account, call.proxy, signal)
    return same({ [call.proxy]: found?.EngineFamily ?? null })
  },
  async send(account, { call }, signal) {
    const { CreateDBProxyCommand } = await import('@aws-sdk/client-rds')
    const command = new CreateDBProxyCommand({
      DBProxyName: call.proxy,
      EngineFamily: call.family,
      Auth: [{ AuthScheme: 'SECRETS', SecretArn: call.secret, IAMAuth: 'DISABLED' }],
      RoleArn: call.role,
      VpcSubnetIds: call.subnets,
      VpcSecurityGroupIds: call.groups,
      // AWS would take clients without it.
      RequireTLS: call.tls,
      Tags: [{ Key: 'spillway', Value: call.tag }],
    })
    await account.call('rds:CreateDBProxy', (rds, o) => rds.send(command, o), signal)
  },
  async waitsFor(account, { call }, signal) {
    const status = (await proxyNamed(account, call.proxy, signal))?.Status ?? 'not shown yet'
    if (BROKEN.test(status))
      throw new AppError(
        'step-refused',
        `proxy ${call.proxy} is ${status}`,
        'Look at its subnets, its security groups and the quota of proxies.',
      )
    return status === 'available' ? undefined : `the proxy is ${status}`
  },
}

export const proxyPool: Doing<'proxy-pool'> = {
  async look(account, operation, signal) {
    const pool = await poolOf(account, operation.call.proxy, signal)
    return same(Object.fromEntries(Object.keys(operation.after).map(name => [name, memberOf(pool, name)])))
  },
  async send(account, operation, signal) {
    const { ModifyDBProxyTargetGroupCommand } = await import('@aws-sdk/client-rds')
    const wanted = { ...operation.after, ...operation.write }
    const command = new ModifyDBProxyTargetGroupCommand({
      DBProxyName: operation.call.proxy,
      TargetGroupName: GROUP,
      ConnectionPoolConfig: {
        MaxConnectionsPercent: Number(wanted.MaxConnectionsPercent),
        MaxIdleConnectionsPercent: Number(wanted.MaxIdleConnectionsPercent),
        ConnectionBorrowTimeout: Number(wanted.ConnectionBorrowTimeout),
      },
    })
    await account.call('rds:ModifyDBProxyTargetGroup', (rds, o) => rds.send(command, o), signal)
  },
  waitsFor: async () => undefined,
}

const memberOf = (pool: ConnectionPoolConfigurationInfo, name: string): string | null => {
  const value = Object.entries(pool).find(([member]) => member === name)?.[1]
  return value === undefined ? null : String(value)
}

export const proxyTarget: Doing<'proxy-target'> = {
  async look(account, operation, signal) {
    const { instance, cluster } = operation.call
    const found = await targetOf(account, operation, signal)
    return same({ target: found ? (cluster ?? instance) : null })
  },
  async send(account, operation, signal) {
    const { call, after, write } = operation
    const { RegisterDBProxyTargetsCommand, DeregisterDBProxyTargetsCommand } = await import(
      '@aws-sdk/client-rds'
    )
    const target = {
      DBProxyName: call.proxy,
      TargetGroupName: GROUP,
      ...(call.cluster === undefined
        ? { DBInstanceIdentifiers: [call.instance] }
        : { DBClusterIdentifiers: [call.cluster] }),
    }
    if ({ ...after, ...write }.target === null)
      await account.call(
        'rds:DeregisterDBProxyTargets',
        (rds, o) => rds.send(new DeregisterDBProxyTargetsCommand(target), o),
        signal,
      )
    else
      await account.call(
        'rds:RegisterDBProxyTargets',
        (rds, o) => rds.send(new RegisterDBProxyTargetsCommand(target), o),
        signal,
      )
  },
  async waitsFor(account, operation, signal) {
    const found = await targetOf(account, operation, signal)
    if (operation.after.target === null) return found ? 'it is still a target' : undefined
    const { State: state = 'not shown yet', Reason, Description } = found?.TargetHealth ?? {}
    if (state === 'AVAILABLE') return undefined
    if (state === 'UNAVAILABLE' && Reason !== undefined && !FOR_NOW.includes(Reason))
      throw new AppError(
        'step-refused',
        `proxy ${operation.call.proxy} does not reach ${operation.call.instance}: ${[Reason, Description].filter(Boolean).join(': ')}`,
        HINTS[Reason] ?? 'aws rds describe-db-proxy-targets says more.',
      )
    return `its target is ${[state, Reason].filter(Boolean).join(', ')}`
  },
  async tells(account, { call }, signal) {
    const { Endpoint } = (await proxyNamed(account, call.proxy, signal)) ?? {}
    return Endpoint === undefined ? undefined : `point the applications to ${Endpoint}`
  },
}

const HINTS: Record<string, string> = {
  UNREACHABLE: 'A security group does not let the proxy in to the database: spillway plan … --set allow=sg-…',
  AUTH_FAILURE: 'The login in the secret does not work, or the role may not read it.',
}

/** Undefined where there is none. Throws AppError. */
export async function proxyNamed(
  account: Account,
  name: string,
  signal?: AbortSignal,
): Promise<DBProxy | undefined> {
  const { DescribeDBProxiesCommand } = await import('@aws-sdk/client-rds')
  const command = new DescribeDBProxiesCommand({ DBProxyName: name })
  try {
    const { DBProxies = [] } = await account.call(
      'rds:DescribeDBProxies',
      (rds, o) => rds.send(command, o),
      signal,
    )
    return DBProxies[0]
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** Throws AppError. */
export async function poolOf(
  account: Account,
  name: string,
  signal?: AbortSignal,
): Promise<ConnectionPoolConfigurationInfo> {
  const { DescribeDBProxyTargetGroupsCommand } = await import('@aws-sdk/client-rds')
  const command = new DescribeDBProxyTargetGroupsCommand({ DBProxyName: name, TargetGroupName: GROUP })
  const { TargetGroups: [found] = [] } = await account.call(
    'rds:DescribeDBProxyTargetGroups',
    (rds, o) => rds.send(command, o),
    signal,
  )
  return found?.ConnectionPoolConfig ?? {}
}

/** Throws AppError. */
export async function targetsOf(
  account: Account,
  name: string,
  signal?: AbortSignal,
): Promise<DBProxyTarget[]> {
  const { DescribeDBProxyTargetsCommand } = await import('@aws-sdk/client-rds')
  const command = new DescribeDBProxyTargetsCommand({ DBProxyName: name, TargetGroupName: GROUP })
  const { Targets = [] } = await account.call(
    'rds:DescribeDBProxyTargets',
    (rds, o) => rds.send(command, o),
    signal,
  )
  return Targets
}

/** A cluster is shown by its own name and by its members. */
async function targetOf(
  account: Account,
  { call }: Of<'proxy-target'>,
  signal?: AbortSignal,
): Promise<DBProxyTarget | undefined> {
  const own = (await targetsOf(account, call.proxy, signal)).filter(
    ({ RdsResourceId: id, TrackedClusterId }) =>
      call.cluster === undefined
        ? id === call.instance
        : TrackedClusterId === call.cluster || id === call.cluster,
  )
  return own.find(({ RdsResourceId }) => RdsResourceId === call.instance) ?? own[0]
}
