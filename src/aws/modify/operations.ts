// Wishes that no rule speaks against, as calls in the order in which they interrupt least.
import type { RdsOperation, State } from '../../model/index.ts'
import type { Database } from '../describe/database.ts'
import type { Scope } from './parameter.ts'
import { proxyOperations } from './proxy.ts'
import { replicaOperations } from './replica.ts'
import { ruleOperations } from './rule.ts'
import type { Standing } from './standing.ts'
import type { Wishes } from './wish.ts'

/** Of one call. */
const MOST_PARAMETERS = 20
const STORAGE_REST = 'storage can be changed again only after six hours'

/** Who asks, for what is made to say. */
interface By {
  /** Names the snapshot. */
  run: string
  who?: string
}

/**
 * The rule, snapshot, groups, parameters, ceiling, storage, class, restart, replica, proxy. What can be taken back stands alone,
 * so that the rest need not stay because of it. Pure.
 */
export function operationsFor(standing: Standing, wishes: Wishes, { run, who = '' }: By): RdsOperation[] {
  const { database, rule, replicas, proxy } = standing
  const instance = database.id
  const call = { instance, immediately: wishes.immediately }
  const groups = [
    ...groupOperations(standing, wishes, 'cluster'),
    ...groupOperations(standing, wishes, 'instance'),
  ]
  const by = `run ${run}${who === '' ? '' : ` by ${who}`}`
  const instanceClass = wishes.instanceClass ?? database.instanceClass
  return [
    ...(rule && wishes.rule ? ruleOperations(database, rule, wishes.rule, by) : []),
    ...(wishes.snapshot ? [snapshotOf(instance, `spillway-${instance}-${run}`.slice(0, 255))] : []),
    ...groups,
    ...ceilingOperation(database, wishes, call),
    ...storageOperation(database, wishes, call),
    ...classOperation(database, wishes, call),
    ...(needsRestart(standing, wishes, groups) ? [restartOf(database, groups)] : []),
    ...replicas.flatMap((one, i) =>
      replicaOperations(database, one, wishes.replicas?.[i] ?? {}, instanceClass, run),
    ),
    ...(proxy && wishes.proxy ? proxyOperations(database, proxy, wishes.proxy, run) : []),
  ]
}

const snapshotOf = (instance: string, snapshot: string): RdsOperation => ({
  by: 'rds',
  title: `snapshot ${snapshot}`,
  call: { kind: 'snapshot', instance, snapshot },
  before: { snapshot: null },
  after: { snapshot: 'available' },
  stays: 'the snapshot stays: nothing is deleted',
})

/** In the group of the instance, or of its cluster: one of its own is changed where it is, any other is not touched. */
function groupOperations(standing: Standing, { parameters, found }: Wishes, scope: Scope): RdsOperation[] {
  const { database, parameters: facts, groups } = standing
  const group = groups[scope]
  const names = Object.keys(parameters).filter(name => facts.get(name)?.scope === scope)
  if (group === undefined || names.length === 0) return []
  const isDefault = group.name.startsWith('default.')
  const isOwn = !isDefault && group.sharedWith.length === 0
  const { name: current, family } = group
  const to = isOwn ? current : group.free
  const instance = database.id
  const whose = scope === 'cluster' && database.cluster ? { cluster: database.cluster.id } : {}
  const made: RdsOperation = {
    by: 'rds',
    title: `parameter group ${to}${isDefault ? '' : `, a copy of ${current}`}`,
    call: {
      ...{ kind: 'create-parameter-group', instance, group: to, family, ...whose },
      ...(isDefault ? {} : { copyOf: current }),
    },
    before: { family: null },
    after: { family },
    stays: 'the parameter group stays: nothing is deleted',
  }
  return [
    ...(isOwn ? [] : [made]),
    ...chunks(names, MOST_PARAMETERS).map(some =>
      parametersOf(standing, { instance, group: to, ...whose }, some, parameters, found),
    ),
    ...(isOwn ? [] : [association({ instance, ...whose }, current, to)]),
  ]
}

function association(
  { instance, cluster }: { instance: string; cluster?: string },
  from: string,
  to: string,
): RdsOperation {
  const title = `parameter group of ${cluster ?? instance}: ${to}`
  if (cluster === undefined)
    return {
      ...modify({ instance, immediately: true }, title),
      before: { DBParameterGroupName: from },
      after: { DBParameterGroupName: to },
    }
  return {
    by: 'rds',
    title,
    call: { kind: 'modify-cluster', instance, cluster, immediately: true },
    before: { DBClusterParameterGroupName: from },
    after: { DBClusterParameterGroupName: to },
  }
}

function parametersOf(
  standing: Standing,
  whose: { instance: string; group: string; cluster?: string },
  names: string[],
  parameters: Wishes['parameters'],
  found: Wishes['found'],
): RdsOperation {
  const { parameters: facts } = standing
  const state = (of: (name: string) => string | null): State =>
    Object.fromEntries(names.map(name => [name, of(name)]))
  const pending = names.filter(name => facts.get(name)?.needsRestart)
  return {
    by: 'rds',
    title: `${names.map(name => `${name} = ${parameters[name] ?? 'default'}`).join(', ')} in ${whose.group}`,
    call: { kind: 'set-parameters', ...whose, pending },
    before: state(name => valueBefore(facts.get(name)?.value ?? null, found[name])),
    after: state(name => parameters[name] ?? null),
  }
}

/** A plan knows the number that a formula came to, or the engine's own: only two numbers can differ. */
const valueBefore = (inGroup: string | null, planned: string | null | undefined): string | null =>
  planned != null && /^-?\d+$/.test(planned) && inGroup !== null && /^-?\d+$/.test(inGroup)
    ? planned
    : inGroup

const modify = (call: { instance: string; immediately: boolean }, title: string) => ({
  by: 'rds' as const,
  title,
  call: { kind: 'modify-instance' as const, ...call },
})

function ceilingOperation(
  { storage }: Database,
  { ceilingGib, found }: Wishes,
  call: { instance: string; immediately: boolean },
): RdsOperation[] {
  if (ceilingGib === undefined) return []
  const now = storage.maxGib === undefined || storage.maxGib === storage.gib ? null : String(storage.maxGib)
  const to = ceilingGib === 'off' ? null : String(ceilingGib)
  return [
    {
      ...modify(
        call,
        to === null ? 'storage does not grow by itself any more' : `storage grows by itself up to ${to} GiB`,
      ),
      before: {
        MaxAllocatedStorage: found.MaxAllocatedStorage === undefined ? now : found.MaxAllocatedStorage,
      },
      after: { MaxAllocatedStorage: to },
    },
  ]
}

/** Where IOPS are provisioned both have to be sent, though only one of them changes. */
function storageOperation(
  { storage }: Database,
  { storageGib, iops, throughput, storageType, found }: Wishes,
  call: { instance: string; immediately: boolean },
): RdsOperation[] {
  const asked: [string, string | number | undefined, string | number | undefined][] = [
    ['AllocatedStorage', storageGib, storage.gib],
    ['Iops', iops, storage.iops],
    ['StorageThroughput', throughput, storage.mibPerS],
    ['StorageType', storageType, storage.type],
  ]
  const changes = asked.filter(([, to, now]) => to !== undefined && to !== now)
  if (changes.length === 0) return []
  const rest = asked
    .slice(0, 2)
    .filter(
      ([name, to, now]) =>
        now !== undefined && !changes.some(([one]) => one === name) && (to ?? now) !== undefined,
    )
  const together =
    storage.iops === undefined
      ? {}
      : { together: Object.fromEntries(rest.map(([name, , now]) => [name, String(now)])) }
  const operation = modify(call, `storage: ${changes.map(([name, to]) => `${name} ${to}`).join(', ')}`)
  return [
    {
      ...operation,
      call: { ...operation.call, ...together },
      before: Object.fromEntries(
        changes.map(([name, , now]) => [name, found[name] ?? (now === undefined ? null : String(now))]),
      ),
      after: Object.fromEntries(changes.map(([name, to]) => [name, String(to)])),
      irreversible: storageGib === undefined ? STORAGE_REST : `storage never shrinks, and ${STORAGE_REST}`,
    },
  ]
}

function classOperation(
  { instanceClass: now, multiAz }: Database,
  { instanceClass: to, found, immediately }: Wishes,
  call: { instance: string; immediately: boolean },
): RdsOperation[] {
  if (to === undefined) return []
  const outage = multiAz
    ? 'a failover: all connections end, for one to two minutes'
    : 'nobody can connect for minutes'
  return [
    {
      ...modify(call, `class ${now} → ${to}`),
      before: { DBInstanceClass: found.DBInstanceClass ?? now },
      after: { DBInstanceClass: to },
      outage,
      ...(immediately ? {} : { waits: 'the maintenance window' }),
    },
  ]
}

/** A new group is in effect only after one; a class that changes makes one by itself, which the restart then finds done. */
function needsRestart({ parameters }: Standing, wishes: Wishes, group: RdsOperation[]): boolean {
  if (!wishes.immediately) return false
  const isStatic = Object.keys(wishes.parameters).some(name => parameters.get(name)?.needsRestart)
  return wishes.restart || isStatic || group.some(({ call }) => call.kind === 'create-parameter-group')
}

function restartOf({ id, multiAz, cluster }: Database, groups: readonly RdsOperation[]): RdsOperation {
  const isTheCluster = groups.some(({ call }) => 'cluster' in call)
  return {
    by: 'rds',
    title: `restart of ${id}`,
    call: { kind: 'restart', instance: id, ...(cluster && isTheCluster ? { cluster: cluster.id } : {}) },
    before: { parameters: 'pending-reboot' },
    after: { parameters: 'in-sync' },
    outage: `all connections end, and nobody can connect for about a minute${multiAz ? '; without failover' : ''}`,
  }
}

const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
