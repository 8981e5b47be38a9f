// Points at the statement that became dear. Spillway does not rewrite it.
import { dialectOf } from '../dialect.ts'
import { predict } from '../predict.ts'
import { NO_PERMISSIONS, type Remedy } from '../remedy.ts'
import { meanOf } from '../situation.ts'

export const mendStatement: Remedy = {
  code: 'mend-statement',
  answers: ['query-regression'],
  risk: 'medium',
  outage: 'none',
  permissions: NO_PERMISSIONS,
  verify: 'AAS of the statement is what it was before, at the same calls',
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
      effect: {
        ...predict(
          s,
          {
            relieves: () => session => session.statementId === statementId,
            restores: true,
            endsGrowth: true,
          },
          `takes up to ${running.toFixed(1)} of ${s.aas.toFixed(1)} active sessions away`,
        ),
        // Sessions that get through give their slots to others.
        connectsRecover: true,
      },
      cost: `building an index reads the whole table; ${dialectOf(s.evidence.target.engine).onlineIndex}`,
      reversible: true,
      steps: [],
      commands: [`explain ${statement ?? '…'}`],
    }
  },
}
