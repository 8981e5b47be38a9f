// The RDS proxies before a database: whether they reach it, and how long their clients wait.
import type { DBProxy, DBProxyTarget } from '@aws-sdk/client-rds'
import type { EvidenceEvent } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Database } from './database.ts'

export interface RdsProxy {
  name: string
  /** Seconds a client waits for one of its connections. */
  borrowTimeoutS?: number
  /** As events: a proxy or a target that is not available. */
  events: EvidenceEvent[]
}

const MAX_PROXIES = 20

/** Only the proxies that have this database, or its cluster, as their target. `t`: now. Throws AppError. */
export async function proxiesOf(
  account: Account,
  database: Database,
  t: number,
  signal?: AbortSignal,
): Promise<RdsProxy[]> {
  const { DescribeDBProxiesCommand } = await import('@aws-sdk/client-rds')
  const { DBProxies = [] } = await account.call(
    'rds:DescribeDBProxies',
    (rds, o) => rds.send(new DescribeDBProxiesCommand({ MaxRecords: 100 }), o),
    signal,
  )
  const family = { postgres: 'POSTGRESQL', mysql: 'MYSQL', mariadb: 'MYSQL' }[database.engine ?? 'postgres']
  const candidates = DBProxies.filter(
    ({ EngineFamily, VpcId }) => EngineFamily === family && (!VpcId || VpcId === database.network.vpcId),
  )
  const found: RdsProxy[] = []
  for (const raw of candidates.slice(0, MAX_PROXIES)) {
    const proxy = await proxyOf(account, raw, database, t, signal)
    if (proxy) found.push(proxy)
  }
  return found
}

async function proxyOf(
  account: Account,
  raw: DBProxy,
  database: Database,
  t: number,
  signal: AbortSignal | undefined,
): Promise<RdsProxy | undefined> {
  const { DescribeDBProxyTargetGroupsCommand, DescribeDBProxyTargetsCommand } = await import(
    '@aws-sdk/client-rds'
  )
  const name = raw.DBProxyName ?? ''
  const { Targets = [] } = await account.call(
    'rds:DescribeDBProxyTargets',
    (rds, o) => rds.send(new DescribeDBProxyTargetsCommand({ DBProxyName: name }), o),
    signal,
  )
  const own = Targets.filter(target => isFor(target, database))
  if (own.length === 0) return undefined
  const { TargetGroups = [] } = await account.call(
    'rds:DescribeDBProxyTargetGroups',
    (rds, o) => rds.send(new DescribeDBProxyTargetGroupsCommand({ DBProxyName: name }), o),
    signal,
  )
  const { ConnectionBorrowTimeout } = TargetGroups[0]?.ConnectionPoolConfig ?? {}
  return {
    name,
    ...(ConnectionBorrowTimeout === undefined ? {} : { borrowTimeoutS: ConnectionBorrowTimeout }),
    events: [
      ...(raw.Status === 'available'
        ? []
        : [event(t, 'proxy-state', `proxy ${name} is ${raw.Status ?? 'unknown'}`)]),
      ...own.flatMap(target => healthOf(name, target, t)),
    ],
  }
}

const isFor = (
  { RdsResourceId, TrackedClusterId }: DBProxyTarget,
  { id, resourceId, cluster }: Database,
): boolean =>
  RdsResourceId === id ||
  RdsResourceId === resourceId ||
  (cluster !== undefined && (TrackedClusterId === cluster.id || RdsResourceId === cluster.id))

function healthOf(
  name: string,
  { TargetHealth: health, RdsResourceId: id }: DBProxyTarget,
  t: number,
): EvidenceEvent[] {
  if (!health || health.State === 'AVAILABLE') return []
  const why = [health.Reason, health.Description].filter(Boolean).join(': ')
  return [
    event(
      t,
      'proxy-target',
      `proxy ${name} does not reach ${id ?? 'its target'}: ${health.State ?? 'unknown'} ${why}`.trim(),
    ),
  ]
}

const event = (t: number, kind: string, message: string): EvidenceEvent => ({
  t,
  source: 'rds-proxy',
  kind,
  message,
})
