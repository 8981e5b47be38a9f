// Everything that decides whether an instance can be changed as wished, read before anything is sent.
import type { OrderableDBInstanceOption } from '@aws-sdk/client-rds'
import { AppError } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import { type Shape, shapeOf } from '../catalog/index.ts'
import { type Database, databaseOf } from '../describe/database.ts'
import { eventsOf } from '../describe/event.ts'
import { findDatabase } from '../describe/find.ts'
import { familyOf, type ParameterFact, parameterFacts } from './parameter.ts'
import { slotsInUse } from './use.ts'
import type { Wishes } from './wish.ts'

export interface Standing {
  database: Database
  shape?: Shape
  /** Of the class that is wished for. */
  wished?: { shape?: Shape; offers: OrderableDBInstanceOption[] }
  /** Of its parameter group: `postgres16`. */
  family?: string
  /** Other instances that have the same group. */
  sharedWith: string[]
  parameters: Map<string, ParameterFact>
  /** A name for a group of its own that nobody has. */
  freeGroup?: string
  /** Epoch milliseconds, where it was within six hours. */
  storageChangedAt?: number
  now: number
  /** Slots in use, where somebody watches. */
  slotsInUse?: number
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
  const group = database.parameterGroup?.name
  const asked = Object.keys(wishes.parameters)
  const touchesGroup = asked.length > 0 && group !== undefined
  const names = [...new Set([...asked, ...MEMORY_PARAMETERS])]
  const inUse =
    'max_connections' in wishes.parameters || wishes.instanceClass !== undefined
      ? await slotsInUse(account, id, now, signal)
      : undefined
  const family = touchesGroup ? await familyOf(account, group, signal) : undefined
  return {
    database,
    ...(shape ? { shape } : {}),
    ...(wishes.instanceClass === undefined
      ? {}
      : { wished: await wishedClass(account, database, wishes.instanceClass, signal) }),
    ...(family === undefined ? {} : { family }),
    sharedWith: touchesGroup ? await usersOf(account, group, database.id, signal) : [],
    parameters:
      group !== undefined && (touchesGroup || wishes.instanceClass !== undefined)
        ? await parameterFacts(account, group, names, signal)
        : new Map(),
    ...(family === undefined ? {} : { freeGroup: await freeGroup(account, database.id, family, signal) }),
    ...(await storageChange(account, database, now, signal)),
    now,
    ...(inUse === undefined ? {} : { slotsInUse: inUse }),
  }
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

async function usersOf(account: Account, group: string, id: string, signal?: AbortSignal): Promise<string[]> {
  const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds')
  const others: string[] = []
  let Marker: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const command = new DescribeDBInstancesCommand({ MaxRecords: 100, Marker })
    const answer = await account.call('rds:DescribeDBInstances', (rds, o) => rds.send(command, o), signal)
    for (const one of (answer.DBInstances ?? []).map(raw => databaseOf(raw)))
      if (one.parameterGroup?.name === group && one.id !== id) others.push(one.id)
    Marker = answer.Marker
    if (!Marker) return others
  }
  throw new AppError(
    'plan-impossible',
    'there are too many instances to know who shares the parameter group',
    'Name a group of its own.',
  )
}

/** Letters, digits and single hyphens, 255 at most. */
async function freeGroup(
  account: Account,
  id: string,
  family: string,
  signal?: AbortSignal,
): Promise<string> {
  const base = `spillway-${id}-${family.replaceAll('.', '-')}`
  for (let n = 1; n <= 20; n++) {
    const name = n === 1 ? base : `${base}-${n}`
    if ((await familyOf(account, name, signal)) === undefined) return name
  }
  throw new AppError(
    'plan-impossible',
    `there are 20 parameter groups ${base}-…`,
    'Delete those that nobody has.',
  )
}

async function storageChange(account: Account, database: Database, now: number, signal?: AbortSignal) {
  const window = { from: now - STORAGE_REST_MS, to: now }
  const events = await eventsOf(account, database, window, now, signal)
  const last = events.findLast(({ message }) => /(?:finished|applying).*(?:storage|iops)/i.test(message))
  return last ? { storageChangedAt: last.t } : {}
}
