// The statements of an incident: which of them bring it about, and which are only slower because of them.
import { splitGrowth } from '../load/index.ts'
import type { ByWaitClass, SessionSample, StatementChange, Tick, WaitClass } from '../model/index.ts'
import { callsOf, growthOf } from './calls.ts'
import { blockingOf, type Case } from './case.ts'
import { DEARER, SAME, workGrowth } from './effort.ts'
import { tally } from './tally.ts'
import { SURGE } from './work.ts'

/** Statements that are looked at, and those that are told of. */
const LOOKED_AT = 40
const TOLD = 10
/** Below this share of what all gained, and below this AAS, a statement is not worth a line. */
const SHARE = 0.05
const LEAST = 0.1
/** Samples in which a statement has to be met before, to say how much slower it has become. */
const FEWEST = 3

/** What statements work more has to be this share of what all suffer, to be why they do: else it comes from elsewhere. */
const CARRIES = 0.2

interface Side {
  aas: number
  byWaitClass: ByWaitClass
}

interface Statement {
  id: string
  text: string | undefined
  before: Side
  during: Side
  /** Sessions that wait for a lock behind one that runs it. */
  blocksBefore: number
  blocks: number
  calls: ReturnType<typeof callsOf>
}

/**
 * Most of what would be gone first. Beside a baseline only. The time that a statement works is its own doing beyond what the others
 * have become slower by; up to that it suffers, and those that work more than before share what is suffered. One that is alone suffers
 * where no more is asked of the server than before. The time that it waits for locks is the doing of the statement at the head of the queue.
 */
export function statementChanges(c: Case): StatementChange[] {
  const [before, during] = [c.before, c.during].map(ticks => ticks.filter(tick => tick.sessions))
  if (!before || !during || before.length < FEWEST || during.length === 0) return []
  const all = statementsOf(c, before, during)
  const lone = (workGrowth(c) ?? DEARER) < SAME ? Number.POSITIVE_INFINITY : 1
  const shares = all.map(one => shareOf(one, slowdownBeside(all, one, before.length) ?? lone))
  const sum = (of: (one: Share) => number) => shares.reduce((total, one) => total + of(one), 0)
  const [own, suffered] = [sum(share => share.own), sum(share => share.suffered)]
  const gained = all.reduce((total, one) => total + Math.max(0, gainOf(one)), 0)
  return all
    .map((one, i) => {
      const share = shares[i]!
      const inflicted = own > CARRIES * suffered ? (suffered * share.own) / own : 0
      return change(one, share.own + inflicted + Math.max(0, one.blocks - one.blocksBefore))
    })
    .filter(
      one => Math.max(one.aas.returns, one.aas.during - one.aas.before) > Math.max(LEAST, SHARE * gained),
    )
    .sort((a, b) => b.aas.returns - a.aas.returns || b.aas.during - a.aas.during)
    .slice(0, TOLD)
}

const gainOf = ({ before, during }: Pick<Statement, 'before' | 'during'>): number => during.aas - before.aas
const worked = ({ aas, byWaitClass: { Lock = 0 } }: Side): number => aas - Lock

interface Share {
  own: number
  suffered: number
}

/**
 * Of the time it gained without waiting for locks: what the others' slowdown explains, and the rest. The rest is its own where it is
 * called more, or takes twice as long as that explains: less is how samples scatter.
 */
function shareOf({ before, during, calls }: Statement, slowdown: number): Share {
  const [then, now] = [worked(before), worked(during)]
  const gained = Math.max(0, now - then)
  if (then === 0) return { own: gained, suffered: 0 }
  const isOwn = now >= DEARER * slowdown * then || (growthOf(calls) ?? 1) >= SURGE
  const suffered = isOwn ? Math.min(gained, then * (slowdown - 1)) : gained
  return { own: gained - suffered, suffered }
}

/** How many times as long the calls of the others take: their median, by their load; at least 1. Undefined without others. */
function slowdownBeside(all: readonly Statement[], self: Statement, samples: number): number | undefined {
  const others = all
    .filter(one => one !== self && worked(one.before) * samples >= FEWEST)
    .map(one => ({
      weight: worked(one.before),
      factor: worked(one.during) / worked(one.before) / (growthOf(one.calls) ?? 1),
    }))
    .sort((a, b) => a.factor - b.factor)
  const half = others.reduce((sum, { weight }) => sum + weight, 0) / 2
  let below = 0
  for (const { weight, factor } of others) {
    below += weight
    if (below >= half) return Math.max(1, factor)
  }
  return undefined
}

function change({ id, text, before, during, calls }: Statement, returns: number): StatementChange {
  const gained = during.aas - before.aas
  const rates =
    calls.before && calls.during
      ? {
          before: calls.before.count / calls.before.seconds,
          during: calls.during.count / calls.during.seconds,
        }
      : undefined
  return {
    statementId: id,
    ...(text === undefined ? {} : { statement: text }),
    role: returns >= gained / 2 && returns > 0 ? 'causes' : 'suffers',
    aas: { before: before.aas, during: during.aas, returns },
    byWaitClass: difference(before.byWaitClass, during.byWaitClass),
    ...(rates && {
      callsPerS: rates,
      ...splitGrowth(
        { aas: before.aas, callsPerS: rates.before },
        { aas: during.aas, callsPerS: rates.during },
      ),
    }),
  }
}

function difference(before: ByWaitClass, during: ByWaitClass): ByWaitClass {
  const names = new Set([...Object.keys(before), ...Object.keys(during)] as WaitClass[])
  return Object.fromEntries([...names].map(name => [name, (during[name] ?? 0) - (before[name] ?? 0)]))
}

/** Those with most load on either side. */
function statementsOf(c: Case, before: Tick[], during: Tick[]): Statement[] {
  const [then, now] = [sidesOf(before), sidesOf(during)]
  const texts = new Map([...then.texts, ...now.texts])
  const ids = new Set([...then.sides.keys(), ...now.sides.keys(), ...now.blocks.keys()])
  const load = (id: string) => (now.sides.get(id) ?? NONE).aas + (now.blocks.get(id) ?? 0)
  return [...ids]
    .sort((a, b) => load(b) - load(a))
    .slice(0, LOOKED_AT)
    .map(id => ({
      id,
      text: texts.get(id),
      before: then.sides.get(id) ?? NONE,
      during: now.sides.get(id) ?? NONE,
      blocksBefore: then.blocks.get(id) ?? 0,
      blocks: now.blocks.get(id) ?? 0,
      calls: callsOf(c, id),
    }))
}

const NONE: Side = { aas: 0, byWaitClass: {} }

/** Load by statement, and sessions that wait behind each, on average. */
function sidesOf(ticks: readonly Tick[]) {
  const sides = new Map<string, Side>()
  const blocks = new Map<string, number>()
  const texts = new Map<string, string>()
  const add = ({ statementId: id, statement, waitClass = 'CPU' }: SessionSample) => {
    if (id === undefined) return
    const side = sides.get(id) ?? { aas: 0, byWaitClass: {} }
    side.aas += 1 / ticks.length
    side.byWaitClass[waitClass] = (side.byWaitClass[waitClass] ?? 0) + 1 / ticks.length
    if (!sides.has(id) && statement !== undefined) texts.set(id, statement)
    sides.set(id, side)
  }
  for (const tick of ticks) {
    const { working, locked } = tally(tick).census
    for (const session of working) add(session)
    for (const session of locked) add(session)
    for (const { session, blocked } of blockingOf(tick).heads) {
      const { state, statementId: id } = session
      if (state === 'active' && id !== undefined)
        blocks.set(id, (blocks.get(id) ?? 0) + blocked / ticks.length)
    }
  }
  return { sides, blocks, texts }
}
