// Lets the server end transactions that are left open and idle.
import { dialectOf } from '../dialect.ts'
import { plural, type Remedy } from '../remedy.ts'
import { effect, slotsGivenBack, waitingBehind } from '../situation.ts'

/** Long enough for a pause between two statements, short enough that an outage ends before somebody is woken. */
const TIMEOUT_S = 60

export const idleInTransactionTimeout: Remedy = {
  code: 'idle-in-transaction-timeout',
  weigh(s) {
    const root = s.finding.subject?.session
    const caught =
      s.now.at(-1)?.sessions?.filter(session => session.state.startsWith('idle in transaction')) ?? []
    if (!root || caught.length === 0) return undefined
    const setting = dialectOf(s.evidence.target.engine).idleTransactionTimeout(root.user, TIMEOUT_S)
    if (!setting) {
      return {
        title: 'a timeout for idle transactions',
        reason: 'this engine has none: bound them in the application or its pool',
      }
    }
    const freed = waitingBehind(s, root.id)
    const { incident, connect } = s.diagnosis
    const failedAfter =
      incident && connect.firstFailure ? (connect.firstFailure - incident.onset) / 1000 : undefined
    const bounds =
      failedAfter !== undefined && failedAfter < TIMEOUT_S
        ? `would have bounded this outage, not prevented it: connections failed ${failedAfter.toFixed(0)} s after the onset`
        : `would have ended it ${TIMEOUT_S} s after it went idle`
    return {
      horizon: 'for-good',
      title: `${setting.name} = ${TIMEOUT_S}s for ${setting.whom}`,
      effect: effect(s, {
        sessions: freed.mean,
        slots: slotsGivenBack(s, freed.last, caught.length),
        connectsRecover: true,
        summary: `${bounds}; holds for new sessions, so it does not end the ${plural(caught.length, 'transaction')} open now`,
      }),
      cost: 'an application that really pauses that long inside a transaction loses it',
      reversible: true,
      commands: setting.commands,
    }
  },
}
