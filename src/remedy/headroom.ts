// When it breaks: the load at which connections begin to fail, by the same model as every remedy.
import { load } from '../load/index.ts'
import { AppError, type Headroom, type SessionSample } from '../model/index.ts'
import { effectOnly } from './effect.ts'
import { type Prediction, predict } from './predict.ts'
import type { Scene } from './situation.ts'
import { rateOf } from './work.ts'

/** Nobody plans further ahead than this. */
const SEARCHED = 20
/** Halvings of the search: a thousandth of what was searched. */
const STEPS = 16

/** `asked`: a load factor to answer as well. */
export function headroom(s: Scene, asked?: number): Headroom {
  const notes = notesOn(s)
  const answer =
    asked === undefined
      ? {}
      : {
          asked: {
            factor: asked,
            effect: effectOnly(predict(s, { requests: asked }, `with ${asked} times the requests`)),
          },
        }
  if (s.now.length === 0) return { ...answer, searched: SEARCHED, notes: ['nothing was sampled'] }
  const factor = least(at => limitAt(s, at, 'after') !== undefined)
  if (factor === undefined) return { ...answer, searched: SEARCHED, notes }
  const [early, late] = [
    least(at => limitAt(s, at, 'high') !== undefined),
    least(at => limitAt(s, at, 'low') !== undefined),
  ]
  const rate = rateOf(s.now)
  const limit = limitAt(s, factor, 'after')
  return {
    ...answer,
    factor,
    ...(early === undefined ? {} : { low: early }),
    ...(late === undefined ? {} : { high: late }),
    searched: SEARCHED,
    // Right before it: beyond, the queue has no end.
    aas: factor > 1 ? predict(s, { requests: factor * (1 - 2 ** -8) }).aas.after : s.aas,
    ...(rate === undefined ? {} : { requestsPerS: rate * Math.max(1, factor) }),
    ...(limit ? { limit } : {}),
    notes,
  }
}

/** `1.5`, `x1.5`, `×1.5`, `150%`. Throws AppError `option-invalid`. */
export function loadFactor(text: string): number {
  const [, digits, isPercent] = /^[x×]?\s*(\d+(?:\.\d+)?)\s*(%?)$/i.exec(text.trim()) ?? []
  const factor = Number(digits) / (isPercent ? 100 : 1)
  if (factor > 0 && factor <= 1000) return factor
  throw new AppError(
    'option-invalid',
    `--load: ${JSON.stringify(text)} is no load factor`,
    'Give how many times the requests of now: 1.5, x1.5 or 150%.',
  )
}

/** The least factor that breaks; it grows with the load, so that halving finds it. */
function least(breaks: (factor: number) => boolean): number | undefined {
  if (!breaks(SEARCHED)) return undefined
  let [low, high] = [0, SEARCHED]
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2
    if (breaks(middle)) high = middle
    else low = middle
  }
  return high
}

/** What runs out first at that load, by the middle or a bound of the prediction. */
function limitAt(s: Scene, requests: number, bound: 'after' | 'low' | 'high'): Headroom['limit'] {
  const predicted = predict(s, { requests })
  const slots = predicted.slots[bound] ?? predicted.slots.after
  if (predicted.saturated) return share(predicted, 'IO') > share(predicted, 'CPU') ? 'io' : 'cpu'
  if (s.usable !== undefined && slots >= s.usable) return share(predicted, 'Lock') > 0.5 ? 'locks' : 'slots'
  return roleIsFull(s, requests) ? 'role' : undefined
}

const share = ({ byWaitClass = {}, aas }: Prediction, name: 'CPU' | 'IO' | 'Lock'): number =>
  aas.after > 0 ? (byWaitClass[name] ?? 0) / aas.after : 0

/** A role takes its idle sessions first, then opens more. */
function roleIsFull({ evidence, now }: Scene, requests: number): boolean {
  const last = now.at(-1)
  return Object.entries(evidence.limits?.roleLimits ?? {}).some(([name, limit]) => {
    const database = name.startsWith('database:') ? name.slice('database:'.length) : undefined
    const isOf = (one: { user?: string; database?: string }) =>
      database === undefined ? one.user === name : one.database === database
    const sessions = (last?.sessions ?? []).filter(isOf)
    const idle = (last?.idle ?? []).filter(isOf).reduce((sum, { count }) => sum + count, 0)
    const active = sessions.filter(({ state }: SessionSample) => state === 'active').length
    return sessions.length + idle + Math.max(0, (requests - 1) * active - idle) >= limit
  })
}

function notesOn({ evidence, diagnosis, now, usable }: Scene): string[] {
  const classes = load(now).byWaitClass
  return [
    ...(diagnosis.incident?.ongoing ? ['an incident goes on: this is the load as it is in trouble'] : []),
    ...(evidence.target.vcpus === undefined ? ['the vCPUs are not known: say --vcpus'] : []),
    ...(usable === undefined ? ['the limits are not known'] : []),
    ...(Object.keys(classes).length === 0 ? ['load by wait class is not known'] : []),
    ...(now.some(({ sessions }) => sessions)
      ? ['pools are taken to open what they need; one of fixed size queues in the application instead']
      : []),
  ]
}
