// Load by statement: from the server's own counts where it keeps them, else from the samples.
import type { Evidence } from '../model/index.ts'
import { loadBy } from './aas.ts'

interface StatementLoad {
  statementId: string
  statement?: string
  /** Average active sessions in it: its time ÷ time watched, or the samples that met it ÷ samples. */
  aas: number
  /** Fraction of the load of all statements. */
  share: number
  /** Only where the server counts. */
  callsPerS?: number
  msPerCall?: number
  rowsPerCall?: number
}

export interface StatementLoads {
  source: 'counts' | 'samples'
  /** What it is about, seconds. */
  seconds: number
  /** Most load first. */
  statements: StatementLoad[]
}

export function statementLoads(evidence: Evidence): StatementLoads {
  const counted = byCounts(evidence)
  const { seconds, statements } = counted ?? bySamples(evidence)
  const total = statements.reduce((sum, { aas }) => sum + aas, 0)
  const known = texts(evidence)
  return {
    source: counted ? 'counts' : 'samples',
    seconds,
    statements: statements
      .map(one => {
        const statement = known.get(one.statementId)
        return {
          ...one,
          ...(statement !== undefined && { statement }),
          share: total > 0 ? one.aas / total : 0,
        }
      })
      .sort((a, b) => b.aas - a.aas),
  }
}

type Load = Omit<StatementLoad, 'share'>

/** The counts are of the time since the reading before; the first reading is at the first sample. */
function byCounts({
  statements: deltas,
  ticks,
}: Evidence): { seconds: number; statements: Load[] } | undefined {
  const from = ticks.find(tick => tick.sessions)?.t
  const to = deltas.at(-1)?.t
  if (from === undefined || to === undefined || to <= from) return undefined
  const seconds = (to - from) / 1000
  const sums = new Map<string, { calls: number; ms: number; rows: number | undefined }>()
  for (const { statementId, calls, totalMs, rows } of deltas) {
    const sum = sums.get(statementId) ?? { calls: 0, ms: 0, rows: 0 }
    const allRows = sum.rows === undefined || rows === undefined ? undefined : sum.rows + rows
    sums.set(statementId, { calls: sum.calls + calls, ms: sum.ms + totalMs, rows: allRows })
  }
  const statements = [...sums].map(([statementId, { calls, ms, rows }]) => ({
    statementId,
    aas: ms / 1000 / seconds,
    callsPerS: calls / seconds,
    ...(calls > 0 && { msPerCall: ms / calls }),
    ...(calls > 0 && rows !== undefined && { rowsPerCall: rows / calls }),
  }))
  return { seconds, statements }
}

function bySamples({ ticks, tickMs }: Evidence): { seconds: number; statements: Load[] } {
  const sampled = ticks.filter(tick => tick.sessions)
  const statements = [...loadBy(ticks, ({ statementId }) => statementId)]
  return {
    seconds: (sampled.length * tickMs) / 1000,
    statements: statements.map(([statementId, aas]) => ({ statementId, aas })),
  }
}

/** By id, from whoever has it. */
function texts({ statements, ticks }: Evidence): Map<string, string> {
  const all = [...ticks.flatMap(tick => tick.sessions ?? []), ...statements]
  return new Map(
    all.flatMap(({ statementId, statement }) => (statementId && statement ? [[statementId, statement]] : [])),
  )
}
