// Everything that decides whether an instance can be changed as wished, read before anything is sent.
import type { OrderableDBInstanceOption } from '@aws-sdk/client-rds'
import { AppError } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import { type Shape, shapeOf } from '../catalog/index.ts'
import type { Database } from '../describe/database.ts'
import { eventsOf } from '../describe/event.ts'
import { findDatabase } from '../describe/find.ts'
import { everyInstance, type Groups, groupsOf } from './groups.ts'
import { type ProxyStanding, proxyStanding } from './proxy.ts'
import { type ReplicaStanding, replicaStanding } from './replica.ts'
import { type RuleStanding, ruleStanding } from './rule.ts'
import { slotsInUse } from './use.ts'
import { comesTo } from './value.ts'
import type { Wishes } from './wish.ts'

export interface Standing {
  database: Database
  shape?: Shape
  /** Of the class that is wished for. */
  wished?: { shape?: Shape; offers: OrderableDBInstanceOption[] }
  groups: Groups['standing']
  parameters: Groups['parameters']
  /** Epoch milliseconds, where it was within six hours. */
  storageChangedAt?: number
  now: number
  /** Slots in use, where somebody watches. */
  slotsInUse?: number
  rule?: RuleStanding
  /** In the order of the wishes. */
  replicas: ReplicaStanding[]
  proxy?: ProxyStanding
}

const STORAGE_REST_MS = 6 * 3_600_000
/** Parameters that tell together how much memory is asked for. */
const MEMORY_PARAMETERS = [
  'max_connections',
  'shared_buffers',
  'innodb_buffer_pool_size',
  'performance_schema',
]
const MAX_PAGES = 20

/** Throws AppError. */
export async function standingOf(
  account: Account,
  id: string,
  wishes: Wishes,
  { now }: { now: number },
  signal?: AbortSignal,
): Promise<Standing> {
  const database = await findDatabase(account, { id }, signal)
  const shape = shapeOf(database)
  const asked = Object.keys(wishes.parameters)
  const weighs = wishes.instanceClass !== undefined
  const inUse =
    'max_connections' in wishes.parameters || weighs ? await slotsInUse(account, id, now, signal) : undefined
  const also = asked.length > 0 || weighs || wishes.proxy ? MEMORY_PARAMETERS : []
  const { parameters, standing: groups } = await groupsOf(account, database, asked, also, signal)
  return {
    database,
    ...(shape ? { shape } : {}),
    ...(wishes.instanceClass === undefined
      ? {}
      : { wished: await wishedClass(account, database, wishes.instanceClass, signal) }),
    groups,
    parameters,
    ...(await storageChange(account, database, now, signal)),
    now,
    ...(inUse === undefined ? {} : { slotsInUse: inUse }),
    ...(await besides(account, { database, shape, parameters }, wishes, signal)),
  }
}

/** What stands beside the instance: rules, replicas, proxies. */
async function besides(
  account: Account,
  {
    database,
    shape,
    parameters,
  }: { database: Database; shape: Shape | undefined } & Pick<Standing, 'parameters'>,
  { rule, replicas: wished = [], proxy }: Wishes,
  signal?: AbortSignal,
): Promise<Pick<Standing, 'rule' | 'replicas' | 'proxy'>> {
  // Only to name them: where there are too many, nobody is named.
  const others = async () =>
    (await everyInstance(account, signal).catch(unlessTooMany)).filter(one => one.id !== database.id)
  const most = shape && comesTo(parameters.get('max_connections')?.value, shape, database)
  const replicas: ReplicaStanding[] = []
  for (const wish of wished) replicas.push(await replicaStanding(account, database, wish, replicas, signal))
  return {
    ...(rule ? { rule: await ruleStanding(account, database, rule, await others(), signal) } : {}),
    replicas,
    ...(proxy ? { proxy: await proxyStanding(account, database, proxy, most, signal) } : {}),
  }
}

const unlessTooMany = (error: unknown): [] => {
  if (error instanceof AppError && error.code === 'plan-impossible') return []
  throw error
}

async function wishedClass(
  account: Account,
  { product, version }: Database,
  wished: string,
  signal?: AbortSignal,
) {
  const { DescribeOrderableDBInstanceOptionsCommand } = await import('@aws-sdk/client-rds')
  const asked = { Engine: product, EngineVersion: version, DBInstanceClass: wished, MaxRecords: 100 }
  const offers: OrderableDBInstanceOption[] = []
  let Marker: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const command = new DescribeOrderableDBInstanceOptionsCommand({ ...asked, Marker })
    const answer = await account.call(
      'rds:DescribeOrderableDBInstanceOptions',
      (rds, o) => rds.send(command, o),
      signal,
    )
    offers.push(...(answer.OrderableDBInstanceOptions ?? []))
    Marker = answer.Marker
    if (!Marker) break
  }
  const shape = shapeOf({ instanceClass: wished })
  return { ...(shape ? { shape } : {}), offers }
}

async function storageChange(account: Account, database: Database, now: number, signal?: AbortSignal) {
  const window = { from: now - STORAGE_REST_MS, to: now }
  const events = await eventsOf(account, database, window, now, signal)
  const last = events.findLast(({ message }) => /(?:finished|applying).*(?:storage|iops)/i.test(message))
  return last ? { storageChangedAt: last.t } : {}
}
