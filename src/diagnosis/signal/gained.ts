// Which statement took the additional load, where Performance Insights told load by statement and no session was sampled.
import type { StatementLoad, Tick } from '../../model/index.ts'
import { callsOf, growthOf } from '../calls.ts'
import type { Case } from '../case.ts'
import { type Shape, shapeOf } from '../shape.ts'
import { ramp } from '../weigh.ts'

/** As of a mechanism: 0 to 1, undefined for what is not known. */
type Degree = number | undefined

export interface Gained {
  statementId: string
  statement?: string
  /** AAS. */
  before: number
  during: number
  /** Of the load's growth in all statements that are listed. */
  share: number
  shape: Shape | undefined
  /** Growth of its calls, as a factor: infinite where it had none before. Undefined: not counted. */
  calls: number | undefined
}

/** Undefined where nobody tells, or the load did not grow. */
export function gainedBy(c: Case): Gained | undefined {
  const { from, to } = c.incident
  const told = c.evidence.ticks.filter(tick => tick.byStatement)
  const before = told.filter(({ t }) => t < from)
  const during = told.filter(({ t }) => t >= from && t < to)
  if (before.length === 0 || during.length === 0) return undefined
  const [usual, now] = [loads(before), loads(during)]
  const gains = [...now].map(([id, { aas, statement }]) => {
    const { aas: was = 0 } = usual.get(id) ?? {}
    return { id, statement, before: was, during: aas, gain: aas - was }
  })
  const grown = gains.reduce((sum, { gain }) => sum + Math.max(0, gain), 0)
  const [first] = gains.sort((a, b) => b.gain - a.gain)
  if (!first || first.gain < FEW) return undefined
  const { id, statement } = first
  return {
    statementId: id,
    ...(statement === undefined ? {} : { statement }),
    before: first.before,
    during: first.during,
    share: first.gain / grown,
    shape: shapeOf(statement),
    calls: callsGrew(c, id),
  }
}

/** Sessions below which a gain is chance. */
const FEW = 1

/** Mean load by statement; who is not listed had hardly any. */
function loads(ticks: readonly Tick[]): Map<string, StatementLoad> {
  const sums = new Map<string, StatementLoad>()
  for (const load of ticks.flatMap(({ byStatement = [] }) => byStatement)) {
    const { aas = 0 } = sums.get(load.statementId) ?? {}
    sums.set(load.statementId, { ...load, aas: aas + load.aas / ticks.length })
  }
  return sums
}

function callsGrew(c: Case, id: string): number | undefined {
  const calls = callsOf(c, id)
  return calls.before?.count === 0 ? Number.POSITIVE_INFINITY : growthOf(calls)
}

/** Share of the growth from which one statement is what it is about. */
const SOME = 0.35
const MOST = 0.6

/** Whether one statement took the additional load. */
export const isOne = (one: Gained | undefined): Degree => one && ramp(one.share, SOME, MOST)

/** Whether that statement does such a thing. */
export const does = (one: Gained | undefined, ...shapes: Shape[]): Degree =>
  one?.shape === undefined ? undefined : shapes.includes(one.shape) ? ramp(one.share, SOME, MOST) : 0

/** Growth of the calls of one statement: within chance, and beyond doubt. */
const GREW = 1.25
const GREW_MUCH = 1.6

/** Whether the additional load is more calls of one statement that was called before; undefined where its calls are not counted. */
export const comesMore = (one: Gained | undefined): Degree =>
  one?.calls === undefined
    ? undefined
    : Number.isFinite(one.calls)
      ? Math.min(ramp(one.share, SOME, MOST), ramp(one.calls, GREW, GREW_MUCH))
      : 0

/** Whether one statement took the additional load that is called no more often than before. */
export const comesAsBefore = (one: Gained | undefined): Degree =>
  one?.calls === undefined ? undefined : Math.min(ramp(one.share, SOME, MOST), 1 - ramp(one.calls, 1, GREW))

/** AAS before the incident below which a statement was nobody's. */
const NEW = 0.05

/** Whether one statement took the additional load that nobody called before, as far as that is known. */
export function isNew(one: Gained | undefined): Degree {
  if (!one) return undefined
  const unknown = one.calls === undefined ? one.before < NEW : !Number.isFinite(one.calls)
  return unknown ? ramp(one.share, SOME, MOST) : 0
}
