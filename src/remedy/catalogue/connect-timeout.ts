// Ends logins that do not come to their end, and hold a slot meanwhile.
import { dialectOf } from '../dialect.ts'
import { predict } from '../predict.ts'
import { plural, type StandingRemedy, TO_SET } from '../remedy.ts'
import { meanOf } from '../situation.ts'
import { settingStep } from '../step.ts'

const TIMEOUT_S = 10
/** Share of the usable slots from which half-open logins matter. */
const SHARE = 0.1

export const connectTimeout: StandingRemedy = {
  code: 'connect-timeout',
  answers: 'evidence',
  risk: 'low',
  outage: 'none',
  permissions: TO_SET,
  verify: 'no session is older than that before it has authenticated',
  weigh(s) {
    if (s.usable === undefined) return undefined
    const starting = meanOf(
      s.now,
      tick =>
        tick.sessions?.filter(
          ({ state, stateAgeMs = 0 }) => state === 'starting' && stateAgeMs > 1000 * TIMEOUT_S,
        ).length ?? 0,
    )
    if (starting < SHARE * s.usable) return undefined
    const { target } = s.evidence
    const setting = dialectOf(target.engine).loginTimeout(TIMEOUT_S)
    return {
      horizon: 'for-good',
      title: `${setting.name} = ${TIMEOUT_S} s`,
      effect: predict(
        s,
        { slots: { certain: starting, likely: starting } },
        `ends ${plural(Math.round(starting), 'login')} that did not come to an end in ${TIMEOUT_S} s`,
      ),
      cost: 'clients behind a slow network may not finish their handshake in time',
      reversible: true,
      steps: [settingStep(target, setting.step)],
      commands: setting.commands,
    }
  },
}
