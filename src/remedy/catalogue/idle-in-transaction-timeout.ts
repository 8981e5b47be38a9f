// Lets the server end transactions that are left open and idle.
import { identifier, plural, type Remedy } from '../remedy.ts'
import { effect, slotsGivenBack } from '../situation.ts'

/** Long enough for a pause between two statements, short enough that pools do not fill meanwhile. */
const TIMEOUT = '60s'

export const idleInTransactionTimeout: Remedy = {
  code: 'idle-in-transaction-timeout',
  weigh(s) {
    const { subject } = s.finding
    const root = subject?.session
    const caught =
      s.now.at(-1)?.sessions?.filter(session => session.state.startsWith('idle in transaction')) ?? []
    if (!root || caught.length === 0) return undefined
    const role = root.user ? `role ${identifier(root.user)}` : 'database …'
    return {
      horizon: 'for-good',
      title: `idle_in_transaction_session_timeout = ${TIMEOUT} for ${role}`,
      effect: effect(s, {
        sessions: s.finding.share.aas * s.aas,
        slots: slotsGivenBack(s, new Set(), caught.length),
        connectsRecover: true,
        summary: `ends a transaction forgotten for ${TIMEOUT}; holds for new sessions, so it does not end ${plural(caught.length, 'transaction')} open now`,
      }),
      cost: 'an application that really pauses that long inside a transaction loses it',
      reversible: true,
      commands: [`alter ${role} set idle_in_transaction_session_timeout = '${TIMEOUT}'`],
    }
  },
}
