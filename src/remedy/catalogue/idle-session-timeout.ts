// Lets the server end sessions that nobody uses.
import { dialectOf } from '../dialect.ts'
import { predict } from '../predict.ts'
import { plural, type Remedy, TO_SET } from '../remedy.ts'
import { meanOf } from '../situation.ts'
import { settingStep } from '../step.ts'

const TIMEOUT_S = 300
const TIMEOUT = '5min'
const SINCE = 14

export const idleSessionTimeout: Remedy = {
  code: 'idle-session-timeout',
  answers: ['connection-leak'],
  risk: 'medium',
  outage: 'none',
  permissions: TO_SET,
  verify: 'idle sessions older than that are gone, and their slots are free',
  weigh(s) {
    const { user } = s.finding.subject ?? {}
    const idle = meanOf(s.now, tick =>
      (tick.idle ?? [])
        .filter(group => user === undefined || group.user === user)
        .reduce((sum, group) => sum + group.count, 0),
    )
    if (idle < 1) return undefined
    const { target } = s.evidence
    if (target.engine === 'postgres' && Number.parseInt(target.engineVersion ?? '', 10) < SINCE)
      return {
        title: 'a timeout for idle sessions',
        reason: `idle_session_timeout is there since PostgreSQL ${SINCE}: bound them in the pool`,
      }
    const setting = dialectOf(target.engine).idleSessionTimeout(user, TIMEOUT_S)
    return {
      horizon: 'for-good',
      forNewSessions: true,
      title: `${setting.name} = ${TIMEOUT} for ${setting.whom}`,
      effect: predict(
        s,
        { slots: { certain: 0, likely: idle }, endsGrowth: true },
        `gives back up to ${plural(Math.round(idle), 'slot')} of sessions that idle for ${TIMEOUT}; holds for new sessions`,
      ),
      cost: 'a pool that does not test its connections meets a closed one; a leak stays a leak, only bounded',
      reversible: true,
      steps: setting.steps.map(step => settingStep(target, { ...step, role: user })),
      commands: setting.commands,
    }
  },
}
