// The pooler before the server has nothing left to give: its own limit, or a wait that takes too long.
import type { EvidenceEvent, Failure } from '../../model/index.ts'
import type { Case } from '../case.ts'
import { countOf, type Failed } from '../failed.ts'
import { mostOften } from '../met.ts'
import {
  cannotTell,
  found,
  type Judgement,
  nothing,
  type Rule,
  ruledOut,
  speaksAgainst,
  speaksFor,
} from '../rule.ts'
import { eventsWithin, isPoolerAtEnd } from '../said.ts'
import { plural, round1 } from '../say.ts'

/** The pooler's own words for it; that only reserved slots are left is a word of the server. */
const OWN: readonly Failure[] = ['slots-exhausted', 'role-limit', 'database-limit', 'query-timeout']
/** Share of the usable slots up to which the server has room. */
const ROOM = 0.97

export const poolerExhausted: Rule = { cause: 'pooler-exhausted', hear }

function hear(c: Case): Judgement {
  const { viaPooler = false } = c.evidence.target
  const isOwn = ({ failure, source }: Failed) =>
    OWN.includes(failure) && (source === 'pooler' || source === 'proxy' || (source === 'probe' && viaPooler))
  const refused = c.failed.filter(isOwn)
  const events = eventsWithin(c.evidence, c.incident).filter(isPoolerAtEnd)
  if (refused.length === 0 && events.length === 0)
    return hasPooler(c)
      ? ruledOut('the pooler has connections left')
      : cannotTell('a pooler that was asked (--pgbouncer)')
  const hasRoom = c.usable === undefined || c.slotsDuring < ROOM * c.usable
  if (!hasRoom && events.length === 0) return ruledOut('the server behind the pooler has no slot left')
  const subject = subjectOf(events, refused)
  const who = subject.user ? ` for ${subject.user}` : ''
  const [worst] = events
  return found({
    kind: kindOf(events, refused),
    confidence: hasRoom ? 0.9 : 0.6,
    onset: Math.min(...[...refused, ...events].map(({ t }) => t)),
    title: `the pooler has no connection left${who}`,
    symptom: `Clients of the pooler wait for a connection${who}${refused.length > 0 ? ', and are refused' : ''}.`,
    because: worst ? worst.message : `the pooler has no connection left${who}`,
    evidence: [
      ...(refused.length > 0
        ? [speaksFor(`the pooler refused ${plural(countOf(refused), 'connection')}`)]
        : []),
      ...events.slice(0, 3).map(({ message }) => speaksFor(message)),
      ...(c.usable === undefined || c.during.length === 0
        ? []
        : [
            (hasRoom ? speaksFor : speaksAgainst)(
              `${round1(c.slotsDuring)} of the server's ${c.usable} usable slots are taken`,
            ),
          ]),
    ],
    subject,
    remedies: ['pool-size'],
    gone: nothing,
    answers: isOwn,
    outside: true,
  })
}

const hasPooler = ({ evidence: { target, events, failures } }: Case): boolean =>
  target.viaPooler === true ||
  events.some(({ source }) => source === 'pgbouncer' || source === 'rds-proxy') ||
  failures.some(({ source }) => source === 'pooler' || source === 'proxy')

/** `clients`: no further client is let in; `borrow`: RDS Proxy's timeout; else the pool, or its database, is too small. */
function kindOf(events: EvidenceEvent[], refused: Failed[]): string {
  if (events.some(({ kind }) => kind === 'clients-at-limit')) return 'clients'
  if (events.some(({ source }) => source === 'rds-proxy')) return 'borrow'
  return refused.some(({ native }) => /no more connections allowed/.test(native?.message ?? ''))
    ? 'clients'
    : 'pool'
}

/** PgBouncer's signs name the pool as database/user. */
function subjectOf(events: EvidenceEvent[], refused: Failed[]): { user?: string; database?: string } {
  const named = events.flatMap(({ message }) => /^pool (\S+)\/(\S+) has /.exec(message) ?? [])
  const [user, database] = [
    named[2] ?? mostOften(refused, one => one.user),
    named[1] ?? mostOften(refused, one => one.database),
  ]
  return { ...(user && { user }), ...(database && { database }) }
}
