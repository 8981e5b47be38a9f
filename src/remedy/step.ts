// Steps as data, for the actuator that can reach the target.
import type {
  Action,
  Actuator,
  Instance,
  Outage,
  SessionSample,
  SettingUnit,
  Step,
  StorageField,
  Target,
  Value,
  What,
} from '../model/index.ts'

interface Setting {
  name: string
  after: Value
  unit?: SettingUnit
  /** For this role only, where the engine can. */
  role?: string | undefined
  needsRestart?: boolean
  before?: Value
}

/**
 * One setting. A role's own is always made by SQL, since it touches nobody else; the server's own is one of the parameter
 * group on RDS, which takes no ALTER SYSTEM.
 */
export function settingStep(target: Target, setting: Setting): Step {
  const { name, after, unit, role, needsRestart = false, before } = setting
  const of = unit === undefined ? { name } : { name, unit }
  const rest = {
    ...(before === undefined ? {} : { before }),
    after,
    reversible: true,
    verify: ['engine', 'health-gate'] as const,
  }
  if (role !== undefined && target.engine === 'postgres')
    return { actuator: 'sql', what: { kind: 'role-setting', role, ...of }, ...rest, outage: 'none' }
  const what: What = { kind: 'setting', ...of, needsRestart }
  const actuator: Actuator = target.instance ? 'rds' : 'sql'
  const outage: Outage = needsRestart ? 'restart' : 'none'
  const said = actuator === 'rds' ? (['api', ...rest.verify] as const) : rest.verify
  return { actuator, what, ...rest, outage, verify: said }
}

/** As a target is named. */
export const rdsName = ({ id, region }: Instance): string =>
  `rds:${id}${region === undefined ? '' : `@${region}`}`

/** One session, named so that its successor of the same id is left alone. */
export const sessionStep = (kind: Action['kind'], { id, state, startedAt }: SessionSample) => {
  const session = { id, state, ...(startedAt ? { startedAt } : {}) }
  return {
    ...{ actuator: 'sql', what: { kind, session }, before: state, after: null },
    ...{ reversible: false, outage: 'session', verify: ['engine', 'health-gate'] },
  } as const satisfies Step
}

/** The instance as a whole; nothing where there is none. */
export function instanceSteps({ instance, instanceClass }: Target, after: string): Step[] {
  if (!instance || !instanceClass) return []
  return [
    {
      actuator: 'rds',
      what: { kind: 'instance-class' },
      before: instanceClass,
      after,
      reversible: true,
      outage: 'minutes',
      verify: ['api', 'engine', 'health-gate'],
    },
  ]
}

/** Storage grows and never shrinks: of its size only the ceiling can be taken back. */
export function storageStep({ instance }: Target, field: StorageField, after: Value): Step[] {
  if (!instance) return []
  const { gib, iops, mibPerS, type, maxGib } = instance.storage
  const before = { size: gib, iops, throughput: mibPerS, type, ceiling: maxGib }[field]
  return [
    {
      actuator: 'rds',
      what: { kind: 'storage', field },
      ...(before === undefined ? {} : { before }),
      after,
      reversible: field !== 'size',
      outage: 'none',
      verify: ['api', 'health-gate'],
    },
  ]
}

/** Replicas of an instance, by names that none of those has that it has. Spillway deletes nothing: they stay. */
export function replicaSteps({ instance }: Target, count: number): Step[] {
  if (!instance || instance.replicaOf !== undefined) return []
  const { id, replicas = [] } = instance
  const names = Array.from(
    { length: count + replicas.length },
    (_, i) => `${id.slice(0, 53)}-reader${i === 0 ? '' : `-${i + 1}`}`,
  )
  return names
    .filter(name => !replicas.includes(name))
    .slice(0, count)
    .map(name => made({ kind: 'read-replica' }, name))
}

/**
 * RDS Proxy, which takes no replica. Which login and role it uses, a person has to say: without them the step is refused by name.
 * Pool and target are taken back; the proxy stays.
 */
export const proxySteps = ({ instance }: Target, size: number): Step[] =>
  instance && instance.replicaOf === undefined
    ? [made({ kind: 'proxy', size }, `${instance.id.slice(0, 57)}-proxy`)]
    : []

const made = (what: What, name: string): Step => ({
  actuator: 'rds',
  what,
  before: null,
  after: name,
  reversible: false,
  outage: 'none',
  verify: ['api'],
})
