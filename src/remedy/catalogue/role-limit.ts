// Raises the connection limit of one role or database, where the server has the room.
import type { Step } from '../../model/index.ts'
import { dialectOf } from '../dialect.ts'
import { type Prediction, predict } from '../predict.ts'
import type { Remedy } from '../remedy.ts'
import type { Situation } from '../situation.ts'
import { type Wanted, wantedBy } from '../wanted.ts'

/** Of the usable slots, for everybody else. */
const SPARE = 0.15

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
    const wanted = wantedBy(
      s,
      who => (user ? who.user === user : who.database === database),
      ({ failure, user: of }) =>
        user ? failure === 'role-limit' && (of ?? user) === user : failure === 'database-limit',
    )
    const next = limit + Math.max(1, Math.min(moreOf(limit, wanted), mostMore(s.usable, room, wanted)))
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
      effect: effectOf(s, { limit, next, room, name, wanted }),
      cost: 'somebody set the limit on purpose: ask why before',
      reversible: true,
      steps: [step],
      commands: [
        dialectOf(s.evidence.target.engine).connectionLimit(user ? { user } : { database: name }, next),
      ],
    }
  },
}

/** Of the room that the server has some is left to the others; half of it where nobody knows how much is wanted. */
const mostMore = (usable: number, room: number, wanted: Wanted | undefined): number =>
  wanted ? room - Math.ceil(SPARE * usable) : Math.floor(room / 2)

const moreOf = (limit: number, wanted: Wanted | undefined): number => (wanted ? wanted.most - limit : limit)

interface Raise {
  limit: number
  next: number
  room: number
  name: string
  wanted: Wanted | undefined
}

function effectOf(s: Situation, { limit, next, room, name, wanted }: Raise): Prediction {
  const likely = wanted ? Math.min(next, Math.ceil(wanted.mean + Math.sqrt(wanted.mean))) : next
  const known = wanted
    ? `${Math.round(wanted.refusedPerS)} attempts a second are refused, and a connection is in use for ${Math.round(wanted.heldMs)} ms or longer: it wants about ${Math.round(wanted.mean)} at once, ${wanted.most} at times`
    : 'how many it wants is not seen: if it is still refused, once more'
  const effect = predict(
    s,
    {
      slots: { certain: limit - next, likely: limit - Math.max(limit, likely) },
      liftsLimit: true,
      endsGrowth: true,
    },
    `${next - limit} more sessions for ${name}; ${room - (next - limit)} slots stay free for the others; ${known}`,
  )
  const short = wanted && wanted.mean > next ? 1 - next / wanted.mean : 0
  return short > 0 ? { ...effect, unserved: short } : effect
}
