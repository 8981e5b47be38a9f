// Lets the server end sessions that nobody uses.
import { identifier, plural, type Remedy } from '../remedy.ts'
import { effect, meanOf } from '../situation.ts'

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
    const role = user ? `role ${identifier(user)}` : 'database …'
    return {
      horizon: 'for-good',
      title: `idle_session_timeout = ${TIMEOUT} for ${role}`,
      effect: effect(s, {
        sessions: 0,
        slots: idle,
        connectsRecover: true,
        summary: `gives back up to ${plural(Math.round(idle), 'slot')} of sessions that idle for ${TIMEOUT}; holds for new sessions (PostgreSQL 14 and newer)`,
      }),
      cost: 'a pool that does not test its connections meets a closed one; a leak stays a leak, only bounded',
      reversible: true,
      commands: [`alter ${role} set idle_session_timeout = '${TIMEOUT}'`],
    }
  },
}
