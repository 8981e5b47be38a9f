// Calls of one statement, as the server counts them: what tells more calls from dearer ones when everything is full.
import type { Interval } from '../model/index.ts'
import type { Case } from './case.ts'

export interface Calls {
  /** Calls that ended, and seconds in which they were counted. */
  count: number
  seconds: number
  /** Milliseconds a call, waiting included, in the reading where it took the least; infinite without a call. */
  ms: number
}

/** A reading straddles: it belongs to the side where at least this share of its time lies. */
const BELONGS = 0.75

/** Undefined on a side where no reading of the counts lies. A statement that no reading names had hardly a call. */
export function callsOf(c: Case, statementId: string): { before?: Calls; during?: Calls } {
  const { from, to } = c.incident
  const readings = readingsOf(c)
  const [before, during] = [
    { from: 0, to: from },
    { from, to },
  ].map(side =>
    summed(
      c,
      readings.filter(reading => within(reading, side) >= BELONGS * (reading.to - reading.from)),
      statementId,
    ),
  )
  return { ...(before && { before }), ...(during && { during }) }
}

/** Growth of the calls of a statement, as a factor; 1 where it is within what chance does to so few. Undefined: not counted. */
export function growthOf({ before, during }: ReturnType<typeof callsOf>): number | undefined {
  if (!before || !during || before.count === 0) return undefined
  const ratio = during.count / during.seconds / (before.count / before.seconds)
  // Counts of independent arrivals scatter by their root (Poisson).
  const scatter = Math.sqrt(1 / before.count + 1 / Math.max(1, during.count))
  return Math.abs(Math.log(Math.max(ratio, 1e-3))) < 2 * scatter ? 1 : ratio
}

/** The time that each reading is of; the first one is of the time since the first sample. */
function readingsOf({ evidence: { statements, ticks } }: Case): Interval[] {
  const start = ticks.find(tick => tick.sessions)?.t
  const times = [...new Set(statements.map(({ t }) => t))].sort((a, b) => a - b)
  return times.flatMap((to, i) => {
    const from = times[i - 1] ?? start
    return from === undefined || from >= to ? [] : [{ from, to }]
  })
}

const within = (reading: Interval, side: Interval): number =>
  Math.max(0, Math.min(reading.to, side.to) - Math.max(reading.from, side.from))

function summed(c: Case, readings: Interval[], statementId: string): Calls | undefined {
  if (readings.length === 0) return undefined
  const ends = new Set(readings.map(({ to }) => to))
  const own = c.evidence.statements.filter(delta => delta.statementId === statementId && ends.has(delta.t))
  const count = own.reduce((sum, { calls }) => sum + calls, 0)
  const ms = Math.min(...own.filter(({ calls }) => calls > 0).map(({ totalMs, calls }) => totalMs / calls))
  return { count, seconds: readings.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0), ms }
}
