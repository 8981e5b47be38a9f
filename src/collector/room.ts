// Whether a connection attempt would take a slot that somebody else is going to need.
import {
  type IdleGroup,
  type Limits,
  type ServerFacts,
  type SessionSample,
  slotsUsed,
  type Tick,
  usableSlots,
} from '../model/index.ts'

/** Slots that have to stay free beside an attempt. */
const SPARE = 2

/** The server as it was last seen. */
export interface Seen {
  tick: Tick
  limits: Limits
  facts: ServerFacts
}

/**
 * Why no attempt should be made now, in words, or nothing. Where no slot is left the server refuses an attempt, which takes
 * none from anybody and is what has to be known: so it is held back only while it would succeed and few are left. A role
 * that may take reserved slots would succeed with those, too.
 */
export function tooCrowded({ tick, limits, facts }: Seen): string | undefined {
  const used = slotsUsed(tick)
  if (used === undefined) return undefined
  const usable = usableSlots(limits)
  if (isScarce(usable - used)) return few(usable - used, `${usable} usable slots`)
  // A client that is about to be refused has one of the reserved slots while it authenticates.
  const left = limits.maxConnections - (tick.signals.connections ?? used)
  const taken = facts.hasReservedSlot ? left : left === 1 && limits.maxConnections > usable ? 1 : 0
  if (used >= usable && taken > 0) return few(left, 'reserved slots')
  return crowdedLimit(tick, limits, facts)
}

const isScarce = (left: number): boolean => left > 0 && left <= SPARE

const few = (left: number, of: string): string => `${left} left of the ${of}`

/** The limits that bind Spillway's own role and database. Where nobody else comes under one, nobody needs its slots. */
function crowdedLimit(tick: Tick, { roleLimits = {} }: Limits, { target }: ServerFacts): string | undefined {
  const { user, database } = target
  const own = Math.max(0, (tick.signals.connections ?? 0) - count(tick, () => true))
  const bound = [
    { name: user, what: `role ${user}`, counts: (who: Who) => who.user === user },
    {
      name: database && `database:${database}`,
      what: `database ${database}`,
      counts: (who: Who) => who.database === database,
    },
  ]
  for (const { name, what, counts } of bound) {
    const limit = name === undefined ? undefined : roleLimits[name]
    const others = count(tick, counts)
    if (limit === undefined || others === 0) continue
    const left = limit - others - own
    if (isScarce(left)) return few(left, `${limit} connections of ${what}`)
  }
  return undefined
}

type Who = Pick<SessionSample | IdleGroup, 'user' | 'database'>

const count = ({ sessions = [], idle = [] }: Tick, counts: (who: Who) => boolean): number =>
  sessions.filter(counts).length + idle.filter(counts).reduce((sum, group) => sum + group.count, 0)
