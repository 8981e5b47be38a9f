// A role or a database is at its own limit, while the server has room.
import type { ProbeResult, Tick } from '../../model/index.ts'
import { slotsUsed } from '../../model/index.ts'
import { type Case, meanOver } from '../case.ts'
import {
  cannotTell,
  found,
  isMissing,
  type Judgement,
  type Rule,
  ramp,
  remove,
  ruledOut,
  speaksAgainst,
  speaksFor,
} from '../rule.ts'
import { percent, plural, round1 } from '../say.ts'
import { atLimit, sessionsOf } from '../trouble.ts'

export const roleLimit: Rule = { cause: 'role-limit', judge }

function judge(c: Case): Judgement {
  const { limits } = c.evidence
  const refused = c.probes.filter(isLimit)
  if (!limits && refused.length === 0) return cannotTell('the limits of roles and databases')
  const name = limits && mostOftenAtLimit(c)
  const share =
    limits && name ? meanOver(c.during, tick => (atLimit(limits, tick).includes(name) ? 1 : 0)) : 0
  const told = c.evidence.failures.filter(isLimit)
  if (share < 0.3 && refused.length === 0) {
    return ruledOut('no role and no database stands at its own connection limit')
  }
  const limit = name ? limits?.roleLimits?.[name] : undefined
  const room = c.usable === undefined ? undefined : c.usable - c.slotsDuring
  const who = name ? describe(name) : 'the role Spillway connects as'
  return found({
    kind: name?.startsWith('database:') ? 'database' : 'role',
    confidence: 0.6 + 0.3 * ramp(share, 0.3, 0.8) + (refused.length + told.length > 0 ? 0.1 : 0),
    onset:
      c.during.find(tick => name && limits && atLimit(limits, tick).includes(name))?.t ?? c.incident.from,
    title: `${who} has all ${limit ?? ''} connections it may have`.replace('  ', ' '),
    symptom: `Clients of ${who} cannot open another connection.`,
    because: `${who} has used up its own connection limit${limit === undefined ? '' : ` of ${limit}`}`,
    evidence: [
      ...(name ? [speaksFor(`${who} is at its limit of ${limit} in ${percent(share)} of the samples`)] : []),
      ...(refused.length > 0 ? [speaksFor(`${plural(refused.length, 'probe')} refused by that limit`)] : []),
      ...(told.length === 0 && refused.length === 0
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
    subject: name?.startsWith('database:')
      ? { database: describe(name) }
      : { ...(name ? { user: name } : {}) },
    remedies: ['role-limit', 'pool-size'],
    // Its sessions are not the trouble, their ceiling is: without the limit nothing would be refused for it.
    without: tick => (name ? withoutRole(tick, name) : tick),
  })
}

const isLimit = ({ failure }: Pick<ProbeResult, 'failure'>): boolean =>
  failure === 'role-limit' || failure === 'database-limit'

const describe = (name: string): string =>
  name.startsWith('database:') ? `database ${name.slice(9)}` : `role ${name}`

function mostOftenAtLimit(c: Case): string | undefined {
  const counts = new Map<string, number>()
  for (const tick of c.during) {
    for (const name of atLimit(c.evidence.limits!, tick)) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
}

function withoutRole(tick: Tick, name: string): Tick {
  const gone = new Set((tick.sessions ?? []).filter(({ user }) => user === name).map(({ id }) => id))
  const idle = new Map(
    (tick.idle ?? []).flatMap((group, i) => (group.user === name ? [[i, group.count] as const] : [])),
  )
  return (slotsUsed(tick) ?? 0) >= sessionsOf(tick, name) ? remove(tick, id => gone.has(id), idle) : tick
}
