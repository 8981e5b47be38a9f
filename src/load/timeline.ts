// The series behind the charts: load by wait class, slots by use, on the ticks of the evidence.
import {
  type Evidence,
  type Mark,
  type Series,
  type SlotUse,
  slotsUsed,
  type Tick,
  type Timeline,
  usableSlots,
  WAIT_CLASSES,
} from '../model/index.ts'
import { activeByWaitClass } from './aas.ts'

const USES: readonly SlotUse[] = ['waiting for a lock', 'active', 'idle in transaction', 'idle', 'other']

export function timeline(evidence: Evidence, marks: Mark[] = []): Timeline {
  const { ticks, limits, target } = evidence
  const load = ticks.map(tick => activeByWaitClass(tick))
  const slots = ticks.map(slotsByUse)
  return {
    from: evidence.from,
    to: evidence.to,
    tickMs: evidence.tickMs,
    t: ticks.map(tick => tick.t),
    ...(target.vcpus === undefined ? {} : { vcpus: target.vcpus }),
    aas: stack(WAIT_CLASSES, load),
    slots: stack(USES, slots),
    ...(limits ? { usable: usableSlots(limits), max: limits.maxConnections } : {}),
    probes: evidence.probes,
    marks,
  }
}

/** Series of what ever appears, each null at a gap. */
function stack<Name extends string>(
  names: readonly Name[],
  ticks: (Partial<Record<Name, number>> | undefined)[],
): Series<Name>[] {
  return names
    .filter(name => ticks.some(tick => tick?.[name]))
    .map(name => ({ name, values: ticks.map(tick => (tick ? (tick[name] ?? 0) : null)) }))
}

function slotsByUse(tick: Tick): Partial<Record<SlotUse, number>> | undefined {
  const used = slotsUsed(tick)
  if (used === undefined) return undefined
  const found: Partial<Record<SlotUse, number>> = {}
  const add = (use: SlotUse, n: number) => {
    found[use] = (found[use] ?? 0) + n
  }
  for (const { state, waitClass } of tick.sessions ?? []) {
    if (state === 'active') add(waitClass === 'Lock' ? 'waiting for a lock' : 'active', 1)
    else if (state === 'idle') add('idle', 1)
    else if (state !== 'starting') add(state.startsWith('idle in') ? 'idle in transaction' : 'other', 1)
  }
  for (const group of tick.idle ?? []) add('idle', group.count)
  const known = Object.values(found).reduce((sum, n) => sum + n, 0)
  if (used > known) add('other', used - known)
  return found
}
