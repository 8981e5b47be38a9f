// Raises the connection limit of one role or database, where the server has the room.
import type { Step } from '../../model/index.ts'
import { dialectOf } from '../dialect.ts'
import { predict } from '../predict.ts'
import type { Remedy } from '../remedy.ts'

export const roleLimitRemedy: Remedy = {
  code: 'role-limit',
  answers: ['role-limit'],
  risk: 'low',
  outage: 'none',
  permissions: { iam: [], grants: ['CREATEROLE and admin of the role (PostgreSQL)', 'CREATE USER (MySQL)'] },
  verify: 'the role gets a connection again',
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
    const step: Step = {
      actuator: 'sql',
      what: user ? { kind: 'role-limit', role: user } : { kind: 'database-limit', database: name },
      before: limit,
      after: next,
      reversible: true,
      outage: 'none',
      verify: ['engine', 'health-gate'],
    }
    return {
      horizon: 'now',
      title: `${title}: ${limit} → ${next}`,
      effect: predict(
        s,
        { slots: { certain: limit - next, likely: limit - next }, liftsLimit: true, endsGrowth: true },
        `${next - limit} more sessions for ${name}; ${room - (next - limit)} slots stay free for the others; how many it wants is not seen: if it is still refused, once more`,
      ),
      cost: 'somebody set the limit on purpose: ask why before',
      reversible: true,
      steps: [step],
      commands: [
        dialectOf(s.evidence.target.engine).connectionLimit(user ? { user } : { database: name }, next),
      ],
    }
  },
}
