// Points at the statement that became dear. Spillway does not rewrite it.
import { load } from '../../load/index.ts'
import type { Cause } from '../../model/index.ts'
import { dialectOf } from '../dialect.ts'
import { predict } from '../predict.ts'
import { NO_PERMISSIONS, type Remedy } from '../remedy.ts'
import { meanOf, type Situation } from '../situation.ts'

export const mendStatement: Remedy = {
  code: 'mend-statement',
  answers: ['query-regression', 'write-amplification'],
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
    const isAlone = !holdsBeside(s)
    const effect = predict(
      s,
      {
        relieves: () => session => session.statementId === statementId,
        restores: true,
        endsGrowth: isAlone,
      },
      `takes up to ${running.toFixed(1)} of ${s.aas.toFixed(1)} active sessions away`,
    )
    return {
      horizon: 'for-good',
      title: `mend statement ${statementId}${s.finding.kind === 'missing-index' ? ': look for a dropped or missing index' : ''}`,
      // Sessions that get through give their slots to others.
      effect: isAlone ? { ...effect, connectsRecover: true } : effect,
      cost: `building an index reads the whole table; ${dialectOf(s.evidence.target.engine).onlineIndex}`,
      reversible: true,
      steps: [],
      commands: [`explain ${statement ?? '…'}`],
    }
  },
}

/** Causes that hold others up, however fast a statement is; of a queue only where there is one still. */
const QUEUES: readonly Cause[] = ['lock-contention', 'idle-in-transaction']
const STILL = 0.1

function holdsBeside({ diagnosis, finding, now, aas }: Situation): boolean {
  const others = diagnosis.findings.filter(other => other !== finding).map(({ cause }) => cause)
  const { Lock: lock = 0 } = load(now).byWaitClass
  const isQueued = lock > STILL * aas && others.some(cause => QUEUES.includes(cause))
  return isQueued || others.includes('connection-leak')
}
