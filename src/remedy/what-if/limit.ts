// What if there were other limits: connections, reserved slots, the sizes of pools, a pooler, more requests.
import { holders } from '../../load/index.ts'
import { dialectOf } from '../dialect.ts'
import { loadFactor } from '../headroom.ts'
import { FREE } from '../price.ts'
import { plural } from '../remedy.ts'
import { meanOf, type Scene } from '../situation.ts'
import { proxySteps, settingStep } from '../step.ts'
import type { Answer, Question } from './question.ts'
import { type Asked, wholeNumber } from './value.ts'

export const LIMIT_QUESTIONS: readonly Question[] = [
  { names: ['max_connections'], answer: connections },
  { names: ['pool.*'], answer: pool },
  { names: ['pooler'], answer: pooled },
  { names: ['load'], answer: (_, { value }) => ({ change: { requests: loadFactor(value) } }) },
]

function connections(s: Scene, asked: Asked): Answer {
  const after = wholeNumber(asked, 6, 262_143)
  const { limits, target } = s.evidence
  const needsRestart = dialectOf(target.engine).ceilingNeedsRestart
  const reserved = limits && s.usable !== undefined ? limits.maxConnections - s.usable : 0
  const usable = after - reserved
  if (usable <= 0) throw asked.refused('leaves no slot for clients', `${reserved} are reserved.`)
  return {
    change: { usable },
    price: FREE,
    outage: needsRestart ? 'restart' : 'none',
    steps: [
      settingStep(target, {
        name: 'max_connections',
        after,
        needsRestart,
        ...(limits ? { before: limits.maxConnections } : {}),
      }),
    ],
    notes: [
      ...(usable < s.slots
        ? [`${Math.round(s.slots)} slots are in use: that many sessions do not fit any more`]
        : []),
    ],
  }
}

/** Every pool of that application, or user, on whichever host. */
function pool(s: Scene, asked: Asked): Answer {
  const name = asked.name.slice('pool.'.length)
  const size = wholeNumber(asked, 1, 100_000)
  const last = s.now.at(-1)
  const found = (last ? holders(last) : []).filter(({ application, user }) => (application || user) === name)
  if (found.length === 0)
    throw asked.refused(
      'no such pool was seen',
      `There are ${[...new Set((last ? holders(last) : []).map(({ application, user }) => application || user))].join(', ') || 'none'}.`,
    )
  const freed = found.reduce((sum, { slots, idle }) => sum + Math.min(idle, Math.max(0, slots - size)), 0)
  const busy = found.reduce((sum, { slots, idle }) => sum + Math.max(0, slots - idle - size), 0)
  return {
    change: { slots: { certain: freed, likely: freed }, endsGrowth: freed > 0 && busy === 0 },
    price: FREE,
    notes: [
      `${name}: ${plural(found.length, 'pool')} of at most ${size}, now ${found.reduce((sum, { slots }) => sum + slots, 0)} slots`,
      ...(busy > 0
        ? [`${busy} of its sessions work beyond that: those requests queue in the application`]
        : []),
    ],
  }
}

function pooled(s: Scene, asked: Asked): Answer {
  const size = wholeNumber(asked, 1, 100_000)
  const idle = meanOf(s.now, tick => (tick.idle ?? []).reduce((sum, { count }) => sum + count, 0))
  const freed = Math.max(0, Math.min(idle, s.slots - size))
  return {
    change: { slots: { certain: freed, likely: freed }, endsGrowth: s.slots - freed <= size },
    steps: proxySteps(s.evidence.target, size),
    notes: [
      `a pooler in transaction mode with ${size} connections; it gives back only what idles (${Math.round(idle)})`,
      ...(s.aas > size
        ? [`${s.aas.toFixed(1)} sessions work at once: the others would wait in the pooler`]
        : []),
    ],
  }
}
