// Raises the connection limit of one role or database, where the server has the room.
import { dialectOf } from '../dialect.ts'
import type { Remedy } from '../remedy.ts'
import { effect } from '../situation.ts'

export const roleLimitRemedy: Remedy = {
  code: 'role-limit',
  weigh(s) {
    const { user, database } = s.finding.subject ?? {}
    const name = user ?? database
    if (!name || s.usable === undefined) return undefined
    const limit = s.evidence.limits?.roleLimits?.[user ?? `database:${database}`]
    const room = Math.floor(s.usable - s.slots)
    if (limit === undefined) return undefined
    const title = `connection limit of ${user ? 'role' : 'database'} ${name}`
    if (room < 2)
      return {
        title,
        reason: `the server itself has only ${Math.max(0, room)} slots left: the limit keeps ${name} from taking them`,
      }
    const next = limit + Math.min(limit, Math.floor(room / 2))
    return {
      horizon: 'now',
      title: `${title}: ${limit} → ${next}`,
      effect: effect(s, {
        sessions: 0,
        slots: limit - next,
        connectsRecover: true,
        summary: `${next - limit} more sessions for ${name}; ${room - (next - limit)} slots stay free for the others`,
      }),
      cost: 'somebody set the limit on purpose: ask why before',
      reversible: true,
      commands: [
        dialectOf(s.evidence.target.engine).connectionLimit(user ? { user } : { database: name }, next),
      ],
    }
  },
}
