// Lets the server end sessions that nobody uses.
import { dialectOf } from '../dialect.ts'
import { plural, type Remedy } from '../remedy.ts'
import { effect, meanOf } from '../situation.ts'

const TIMEOUT_S = 300
const TIMEOUT = '5min'

export const idleSessionTimeout: Remedy = {
  code: 'idle-session-timeout',
  weigh(s) {
    const { user } = s.finding.subject ?? {}
    const idle = meanOf(s.now, tick =>
      (tick.idle ?? [])
        .filter(group => user === undefined || group.user === user)
        .reduce((sum, group) => sum + group.count, 0),
    )
    if (idle < 1) return undefined
    const { engine } = s.evidence.target
    const setting = dialectOf(engine).idleSessionTimeout(user, TIMEOUT_S)
    const since = engine === 'postgres' ? ' (PostgreSQL 14 and newer)' : ''
    return {
      horizon: 'for-good',
      title: `${setting.name} = ${TIMEOUT} for ${setting.whom}`,
      effect: effect(s, {
        sessions: 0,
        slots: idle,
        connectsRecover: true,
        summary: `gives back up to ${plural(Math.round(idle), 'slot')} of sessions that idle for ${TIMEOUT}; holds for new sessions${since}`,
      }),
      cost: 'a pool that does not test its connections meets a closed one; a leak stays a leak, only bounded',
      reversible: true,
      commands: setting.commands,
    }
  },
}
