// A role or a database is at its own limit, while the server has room.
import type { FailureCount, ProbeResult, Target, Tick } from '../../model/index.ts'
import { type Case, meanOver, toldRefusals } from '../case.ts'
import {
  cannotTell,
  found,
  isMissing,
  type Judgement,
  type Rule,
  ramp,
  ruledOut,
  speaksAgainst,
  speaksFor,
} from '../rule.ts'
import { percent, plural, round1 } from '../say.ts'
import { atLimit, countsFor, DATABASE } from '../trouble.ts'

export const roleLimit: Rule = { cause: 'role-limit', judge }

function judge(c: Case): Judgement {
  const { limits, target } = c.evidence
  const refused = c.probes.filter(isLimit)
  const told = toldRefusals(c).filter(isLimit)
  const tolds = told.reduce((sum, { count }) => sum + count, 0)
  if (!limits && refused.length + tolds === 0) return cannotTell('the limits of roles and databases')
  const name = mostOftenAtLimit(c) ?? ownLimit(refused, target) ?? toldLimit(told)
  const isAt = (tick: Tick) =>
    limits !== undefined && name !== undefined && atLimit(limits, tick, target).includes(name)
  const share = meanOver(c.during, tick => (isAt(tick) ? 1 : 0))
  if (!name || (share < 0.3 && refused.length + tolds === 0)) {
    return ruledOut('no role and no database stands at its own connection limit')
  }
  const limit = limits?.roleLimits?.[name]
  const room = c.usable === undefined ? undefined : c.usable - c.slotsDuring
  const database = name.startsWith(DATABASE) ? name.slice(DATABASE.length) : undefined
  const who = database === undefined ? `role ${name}` : `database ${database}`
  return found({
    kind: database === undefined ? 'role' : 'database',
    confidence: 0.6 + 0.3 * ramp(share, 0.3, 0.8) + (refused.length + tolds > 0 ? 0.1 : 0),
    onset: c.during.find(isAt)?.t ?? c.incident.from,
    title: `${who} has all ${limit ?? ''} connections it may have`.replace('  ', ' '),
    symptom: `Clients of ${who} cannot open another connection.`,
    because: `${who} has used up its own connection limit${limit === undefined ? '' : ` of ${limit}`}`,
    evidence: [
      ...(share > 0
        ? [speaksFor(`${who} is at its limit of ${limit} in ${percent(share)} of the samples`)]
        : []),
      ...(refused.length > 0 ? [speaksFor(`${plural(refused.length, 'probe')} refused by that limit`)] : []),
      ...(tolds > 0
        ? [speaksFor(`${plural(tolds, 'connection')} of other clients refused by that limit`)]
        : []),
      ...(tolds === 0 && refused.length === 0
        ? [isMissing('refused connections of its clients are only in the server log, which was not read')]
        : []),
      ...(room === undefined
        ? []
        : [
            room > 0
              ? speaksFor(`the server has ${round1(room)} slots left`)
              : speaksAgainst('the server has no slots left either'),
          ]),
    ],
    subject: database === undefined ? { user: name } : { database },
    remedies: ['role-limit', 'pool-size'],
    // Its sessions are not the trouble, their ceiling is: without the limit nothing would be refused for it.
    gone: tick => {
      const counts = countsFor(name)
      return {
        sessions: tick.sessions?.filter(counts) ?? [],
        idle: group => (counts(group) ? group.count : 0),
      }
    },
  })
}

const isLimit = ({ failure }: Pick<ProbeResult, 'failure'>): boolean =>
  failure === 'role-limit' || failure === 'database-limit'

/** The limit that refuses the probe itself, where no sample shows which one is reached. */
const ownLimit = ([first]: ProbeResult[], { user = '?', database = '?' }: Target): string | undefined =>
  first?.failure === 'database-limit' ? `${DATABASE}${database}` : first && user

/** The limit that refused most of the others. */
function toldLimit(told: FailureCount[]): string | undefined {
  const counts = new Map<string, number>()
  for (const { failure, user, database, count } of told) {
    const name = failure === 'role-limit' ? user : database && `${DATABASE}${database}`
    if (name) counts.set(name, (counts.get(name) ?? 0) + count)
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
}

function mostOftenAtLimit({ evidence: { limits, target }, during }: Case): string | undefined {
  const counts = new Map<string, number>()
  for (const tick of limits ? during : []) {
    for (const name of atLimit(limits!, tick, target)) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
}
