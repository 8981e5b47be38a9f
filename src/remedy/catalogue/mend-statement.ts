// Points at the statement that became dear. Spillway does not rewrite it.
import { dialectOf } from '../dialect.ts'
import type { Remedy } from '../remedy.ts'
import { effect, meanOf } from '../situation.ts'

export const mendStatement: Remedy = {
  code: 'mend-statement',
  weigh(s) {
    const { statementId, statement } = s.finding.subject ?? {}
    if (statementId === undefined) return undefined
    const running = meanOf(
      s.now,
      tick => tick.sessions?.filter(session => session.statementId === statementId).length ?? 0,
    )
    return {
      horizon: 'for-good',
      title: `mend statement ${statementId}${s.finding.kind === 'missing-index' ? ': look for a dropped or missing index' : ''}`,
      effect: effect(s, {
        sessions: running,
        slots: 0,
        connectsRecover: true,
        summary: `takes up to ${running.toFixed(1)} of ${s.aas.toFixed(1)} active sessions away`,
      }),
      cost: `building an index reads the whole table; ${dialectOf(s.evidence.target.engine).onlineIndex}`,
      reversible: true,
      commands: [`explain ${statement ?? '…'}`],
    }
  },
}
