// Wishes as the steps of a plan: what a person reads, and what apply checks anew against the instance of then.
import type { Outage, Step, Value } from '../../model/index.ts'
import { proxyStep } from './proxy.ts'
import { replicaStep } from './replica.ts'
import { ruleStep } from './rule.ts'
import type { Standing } from './standing.ts'
import type { Wishes } from './wish.ts'

/** Pure. */
export function stepsOf(standing: Standing, wishes: Wishes): Step[] {
  const { database, parameters } = standing
  const { storage } = database
  const outage: Outage = wishes.immediately ? 'minutes' : 'none'
  const steps: (Step | undefined)[] = [
    wishes.snapshot ? step({ kind: 'snapshot' }, null, 'available', { reversible: false }) : undefined,
    ...Object.entries(wishes.parameters).map(([name, value]) => {
      const { value: before = null, needsRestart = false } = parameters.get(name) ?? {}
      return step({ kind: 'setting', name, needsRestart }, before, value, { engine: true })
    }),
    change(
      { kind: 'storage', field: 'ceiling' },
      storage.maxGib ?? null,
      wishes.ceilingGib === 'off' ? null : wishes.ceilingGib,
    ),
    change({ kind: 'storage', field: 'size' }, storage.gib, wishes.storageGib, { reversible: false }),
    change({ kind: 'storage', field: 'iops' }, storage.iops ?? null, wishes.iops, { reversible: false }),
    change({ kind: 'storage', field: 'throughput' }, storage.mibPerS ?? null, wishes.throughput, {
      reversible: false,
    }),
    change({ kind: 'storage', field: 'type' }, storage.type, wishes.storageType, { reversible: false }),
    change({ kind: 'instance-class' }, database.instanceClass, wishes.instanceClass, { outage }),
    wishes.restart || Object.keys(wishes.parameters).some(name => parameters.get(name)?.needsRestart)
      ? step({ kind: 'restart' }, null, 'in-sync', { outage: 'restart', reversible: false })
      : undefined,
    wishes.rule && ruleStep(database, wishes.rule),
    ...standing.replicas.map((one, i) => replicaStep(one, wishes.replicas?.[i] ?? {})),
    wishes.proxy && standing.proxy && proxyStep(standing.proxy, wishes.proxy),
  ]
  return steps.filter(one => one !== undefined)
}

interface More {
  reversible?: boolean
  outage?: Outage
  engine?: boolean
}

const step = (
  what: Step['what'],
  before: Value,
  after: Value,
  { reversible = true, outage = 'none', engine = false }: More = {},
): Step => ({
  actuator: 'rds',
  what,
  ...(what.kind === 'restart' ? {} : { before }),
  after,
  reversible,
  outage,
  verify: engine ? ['api', 'engine', 'health-gate'] : ['api', 'health-gate'],
})

const change = (
  what: Step['what'],
  before: Value,
  after: Value | undefined,
  more?: More,
): Step | undefined => (after === undefined || after === before ? undefined : step(what, before, after, more))
