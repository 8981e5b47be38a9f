// The part of the fake of RDS that makes proxies: their states, their targets' health, and what AWS refuses of them.
import { onlyMembers } from './members.ts'
import { invalid, Refusal } from './refusal.ts'
import { TAKES } from './state.ts'
import type { Described, World } from './world.ts'
import { listOf, type Value } from './xml.ts'

type Form = Record<string, Value>
type Proxy = World['proxies'][number]

const COMMON = ['Action', 'Version', 'DBProxyName']
const TARGETS = [...COMMON, 'TargetGroupName', 'DBInstanceIdentifiers', 'DBClusterIdentifiers']
export const PROXY_ALLOWED: Record<string, string[]> = {
  CreateDBProxy: [
    ...[
      ...COMMON,
      'EngineFamily',
      'Auth',
      'RoleArn',
      'VpcSubnetIds',
      'VpcSecurityGroupIds',
      'RequireTLS',
      'Tags',
    ],
  ],
  ModifyDBProxyTargetGroup: [...COMMON, 'TargetGroupName', 'ConnectionPoolConfig'],
  RegisterDBProxyTargets: TARGETS,
  DeregisterDBProxyTargets: TARGETS,
}

export const PROXY_ANSWERS: Record<string, (world: World, form: Form) => Value> = {
  CreateDBProxy: (world, form) => ({ DBProxy: createProxy(world, form) }),
  ModifyDBProxyTargetGroup: (world, form) => ({ DBProxyTargetGroup: setPool(world, form) }),
  RegisterDBProxyTargets: (world, form) => ({ DBProxyTargets: register(world, form) }),
  DeregisterDBProxyTargets: (world, form) => deregister(world, form),
}

export function proxyOf({ proxies }: World, { DBProxyName }: Form): Proxy {
  const found = proxies.find(({ proxy }) => proxy.DBProxyName === DBProxyName)
  if (!found) throw new Refusal('DBProxyNotFoundFault', `DBProxy ${String(DBProxyName)} not found`, 404)
  return found
}

const members = (value: Value): string[] => listOf((value as Form | undefined)?.member).map(String)

function createProxy(world: World, form: Form): Described {
  const name = String(form.DBProxyName)
  if (!/^[a-zA-Z](?:-?[a-zA-Z0-9]+)*$/.test(name) || name.length > 63)
    throw invalid(`The parameter DBProxyName is not a valid identifier: ${name}`)
  if (world.proxies.some(({ proxy }) => proxy.DBProxyName === name))
    throw new Refusal('DBProxyAlreadyExistsFault', `DB proxy already exists: ${name}`)
  if (world.proxies.length >= world.quota.proxies)
    throw new Refusal('DBProxyQuotaExceededFault', 'You have reached the maximum number of proxies')
  if (!['MYSQL', 'POSTGRESQL', 'SQLSERVER'].includes(String(form.EngineFamily))) throw invalid('EngineFamily')
  // AWS would take it as false: here nobody may leave it to AWS.
  if (!['true', 'false'].includes(String(form.RequireTLS))) throw invalid('RequireTLS')
  const [auth] = listOf((form.Auth as Form | undefined)?.member) as Form[]
  if (!auth) throw invalid('Auth is required')
  onlyMembers(auth, ['AuthScheme', 'SecretArn', 'IAMAuth'], 'MalformedInput')
  if (!/^arn:aws:secretsmanager:/.test(String(auth.SecretArn))) throw invalid('SecretArn')
  if (!/^arn:aws:iam::\d{12}:role\//.test(String(form.RoleArn))) throw invalid('RoleArn')
  const subnets = members(form.VpcSubnetIds).map(id => {
    const found = world.network.subnets.find(({ subnetId }) => subnetId === id)
    if (!found) throw new Refusal('InvalidSubnet', `subnet ${id} does not exist`)
    return found
  })
  if (new Set(subnets.map(({ availabilityZone }) => availabilityZone)).size < 2)
    throw new Refusal('InvalidSubnet', 'DB proxy subnets must span at least two Availability Zones')
  const proxy: Described = {
    DBProxyName: name,
    DBProxyArn: `arn:aws:rds:eu-west-1:123456789012:db-proxy:prx-${name}`,
    EngineFamily: form.EngineFamily,
    Status: 'creating',
    VpcId: subnets[0]?.vpcId,
    VpcSubnetIds: members(form.VpcSubnetIds),
    VpcSecurityGroupIds: members(form.VpcSecurityGroupIds),
    RoleArn: form.RoleArn,
    RequireTLS: String(form.RequireTLS) === 'true',
    Endpoint: `${name}.proxy-c9akciq32.eu-west-1.rds.amazonaws.com`,
  }
  const pool = { MaxConnectionsPercent: 100, MaxIdleConnectionsPercent: 50, ConnectionBorrowTimeout: 120 }
  const group = { DBProxyName: name, TargetGroupName: 'default', ConnectionPoolConfig: pool }
  world.proxies.push({ proxy, group, targets: [] })
  world.busy.set(`proxy:${name}`, TAKES)
  return proxy
}

/** Whatever is done with it, it has to be there and ready. */
function readyProxy(world: World, form: Form): Proxy {
  const found = proxyOf(world, form)
  if (found.proxy.Status !== 'available')
    throw new Refusal('InvalidDBProxyStateFault', `DB proxy is in state ${String(found.proxy.Status)}`)
  if (form.TargetGroupName !== undefined && form.TargetGroupName !== 'default')
    throw new Refusal('DBProxyTargetGroupNotFoundFault', 'no such target group', 404)
  return found
}

function setPool(world: World, form: Form): Described {
  const { group } = readyProxy(world, form)
  const asked = form.ConnectionPoolConfig as Form
  const ranges = {
    MaxConnectionsPercent: [1, 100],
    MaxIdleConnectionsPercent: [0, Number(asked.MaxConnectionsPercent)],
    ConnectionBorrowTimeout: [0, 300],
  }
  onlyMembers(asked, Object.keys(ranges), 'MalformedInput')
  for (const [member, [least = 0, most = 0]] of Object.entries(ranges)) {
    const value = Number(asked[member])
    if (asked[member] !== undefined && !(value >= least && value <= most))
      throw invalid(`${member} must be between ${least} and ${most}`)
  }
  const numbers = Object.entries(asked).map(([member, value]) => [member, Number(value)])
  group.ConnectionPoolConfig = {
    ...(group.ConnectionPoolConfig as Described),
    ...Object.fromEntries(numbers),
  }
  return group
}

const asked = (form: Form): string[] => [
  ...members(form.DBInstanceIdentifiers),
  ...members(form.DBClusterIdentifiers),
]

function register(world: World, form: Form): Described[] {
  const found = readyProxy(world, form)
  const [id, ...more] = asked(form)
  if (id === undefined || more.length > 0) throw invalid('one target')
  const instance = world.instances.find(one => one.DBInstanceIdentifier === id)
  const cluster = world.clusters.find(one => one.DBClusterIdentifier === id)
  if (!instance && !cluster) throw new Refusal('DBInstanceNotFound', `${id} not found`, 404)
  if (instance?.ReadReplicaSourceDBInstanceIdentifier !== undefined)
    throw new Refusal('InvalidDBInstanceState', 'a read replica cannot be a target')
  if (found.targets.some(({ RdsResourceId }) => RdsResourceId === id))
    throw new Refusal('DBProxyTargetAlreadyRegisteredFault', `${id} is registered already`)
  if (found.targets.length > 0) throw new Refusal('InvalidDBProxyStateFault', 'one target')
  const target = {
    RdsResourceId: id,
    ...(cluster ? { TrackedClusterId: id, Type: 'TRACKED_CLUSTER' } : { Type: 'RDS_INSTANCE' }),
    Port: 5432,
    TargetHealth: { State: 'REGISTERING' },
  }
  found.targets.push(target)
  world.busy.set(`target:${String(form.DBProxyName)}`, TAKES)
  return [target]
}

function deregister(world: World, form: Form): Value {
  const found = proxyOf(world, form)
  const [id] = asked(form)
  const kept = found.targets.filter(({ RdsResourceId }) => RdsResourceId !== id)
  if (kept.length === found.targets.length)
    throw new Refusal('DBProxyTargetNotFoundFault', `${id} is no target`, 404)
  found.targets = kept
  return {}
}

/** What a proxy and its target do by themselves as time goes by; a look at them is a moment. */
export function proxyPasses(world: World, { proxy, targets }: Proxy): void {
  const name = String(proxy.DBProxyName)
  if (world.stuck) return
  if (proxy.Status === 'creating' && isDue(world, `proxy:${name}`))
    proxy.Status = world.fates[name] ?? 'available'
  const [target] = targets
  const { State } = (target?.TargetHealth ?? {}) as Described
  if (target && State !== 'AVAILABLE' && world.busy.has(`target:${name}`))
    target.TargetHealth = isDue(world, `target:${name}`)
      ? healthOf(world.fates[`target:${name}`])
      : { State: 'UNAVAILABLE', Reason: 'PENDING_PROXY_CAPACITY' }
}

const healthOf = (fate: string | undefined): Described =>
  fate === undefined
    ? { State: 'AVAILABLE' }
    : { State: 'UNAVAILABLE', Reason: fate, Description: 'as the test wants it' }

function isDue({ busy }: World, key: string): boolean {
  const left = busy.get(key) ?? 0
  busy.set(key, left - 1)
  return left <= 0
}
