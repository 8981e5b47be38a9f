// Lets the server end transactions that are left open and idle.
import { dialectOf } from '../dialect.ts'
import { predict } from '../predict.ts'
import { plural, type Remedy, TO_SET } from '../remedy.ts'
import { behindIn, othersTake, slotsGivenBack, waitingBehind } from '../situation.ts'
import { settingStep } from '../step.ts'

/** Long enough for a pause between two statements, short enough that an outage ends before somebody is woken. */
const TIMEOUT_S = 60

export const idleInTransactionTimeout: Remedy = {
  code: 'idle-in-transaction-timeout',
  answers: ['idle-in-transaction'],
  risk: 'low',
  outage: 'none',
  permissions: TO_SET,
  verify: 'a transaction left open is ended after that time (SQLSTATE 25P03)',
  weigh(s) {
    const root = s.finding.subject?.session
    const caught =
      s.now.at(-1)?.sessions?.filter(session => session.state.startsWith('idle in transaction')) ?? []
    if (!root || caught.length === 0) return undefined
    const { target } = s.evidence
    const setting = dialectOf(target.engine).idleTransactionTimeout(root.user, TIMEOUT_S)
    if (!setting) {
      return {
        title: 'a timeout for idle transactions',
        reason: 'this engine has none: bound them in the application or its pool',
      }
    }
    const likely = slotsGivenBack(s, waitingBehind(s, root.id).last, caught.length)
    const { incident, connect } = s.diagnosis
    const failedAfter =
      incident && connect.firstFailure ? (connect.firstFailure - incident.onset) / 1000 : undefined
    const bounds =
      failedAfter !== undefined && failedAfter < TIMEOUT_S
        ? `would have bounded this outage, not prevented it: connections failed ${failedAfter.toFixed(0)} s after the onset`
        : `would have ended it ${TIMEOUT_S} s after it went idle`
    return {
      horizon: 'for-good',
      forNewSessions: true,
      title: `${setting.name} = ${TIMEOUT_S}s for ${setting.whom}`,
      effect: predict(
        s,
        {
          relieves: tick => {
            const behind = behindIn(tick, root.id)
            return ({ id }) => behind.has(id)
          },
          restores: true,
          slots: { certain: caught.length, likely },
          endsGrowth: !othersTake(s),
        },
        `${bounds}; holds for new sessions, so it does not end the ${plural(caught.length, 'transaction')} open now`,
      ),
      cost: 'an application that really pauses that long inside a transaction loses it',
      reversible: true,
      steps: [settingStep(target, { ...setting.step, role: root.user })],
      commands: setting.commands,
    }
  },
}
