// Sessions are opened and never returned; they idle, more of them every second.

import { poolKey } from '../../load/index.ts'
import type { Tick } from '../../model/index.ts'
import type { Case } from '../case.ts'
import { type IdleTrend, idleCounts, idleTrends } from '../idle.ts'
import {
  cannotTell,
  type Found,
  found,
  isMissing,
  type Judgement,
  type Rule,
  ramp,
  ruledOut,
  speaksAgainst,
  speaksFor,
} from '../rule.ts'
import { age, percent, plural } from '../say.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { both, not, type View } from '../signal/view.ts'
import { nobodyMore } from '../signal/waiting.ts'

/** Share of the slots that one application's idle sessions have to hold. */
const SHARE = 0.3
/** Share of them never used again after their first second that tells a leak from a pool. */
const UNUSED = 0.5

/** Below this share of unused ones the sessions of an application are used again: a pool, not a leak. */
const REUSED = 0.2
/** Of a leak that drips the oldest has idled since it began; where none has for so long, all of them are in use, milliseconds. */
const IN_USE_MS = 1_000
/** A session counts as unused only after ten idle seconds; before that nobody can know, milliseconds. */
const KNOWN_AFTER_MS = 12_000

/** Without a look at the sessions: slots fill up, and nobody works in them. Whose they are, and whether a pool wants them, is not told. */
const mechanism: Mechanism = {
  title: 'connections fill the slots and do no work',
  claims: x => [
    shows(fillSlots(x), 'most of the slots are taken', 2),
    needs(x.rises('connections', 1.6), 'by connections that were not there before', 2),
    shows(nobodyMore(x), 'no more of them are at work', 2),
    needs(not(x.rises('calls', 1.6)), 'and no more gets done'),
    contradicts(x.rises('connections_opened_per_s', 8), 'they come and go', 0.8),
    contradicts(
      both(x.rises('connections_idle_in_transaction', 4), not(x.rises('connections_idle', 1.3))),
      'they sit in open transactions',
      0.8,
    ),
    needs(undefined, 'who holds them, and whether they are used again: only a login can tell'),
  ],
  atMost: 0.65,
  raises: ['connections', 'connections_idle', 'connections_opened_per_s'],
  remedies: ['idle-session-timeout', 'pool-size', 'max-connections', 'scale-up'],
}

/** Shares of the usable slots. */
const HALF = 0.45
const FULL = 0.7

function fillSlots(x: View) {
  const [taken, usable] = [x.during('connections'), x.during('usable_slots')]
  return taken === undefined || !usable ? undefined : ramp(taken / usable, HALF, FULL)
}

export const connectionLeak: Rule = { cause: 'connection-leak', judge, mechanism }

function judge(c: Case): Judgement {
  if (!c.during.some(tick => tick.idle)) return cannotTell('idle sessions by application')
  const [leak] = idleTrends(c).filter(trend => trend.count >= SHARE * c.slotsDuring)
  if (!leak) return ruledOut('no application holds many idle sessions')
  const isReused = leak.unused !== undefined && leak.unused < REUSED && leak.oldestMs > KNOWN_AFTER_MS
  if (isReused || leak.oldestMs < IN_USE_MS) {
    return ruledOut(`the idle sessions of ${leak.application || leak.user} are used again and again`)
  }
  const opened = openedSteadily(c, leak)
  if (!opened) {
    return ruledOut(
      `${plural(leak.count, 'idle session')} of ${leak.application || leak.user}, but not steadily more of them`,
    )
  }
  return found(finding(c, leak))
}

/**
 * A leak drips: the idle sessions of one application become more all through, instead of at one stroke. Where the level
 * stands already (the slots are gone), only sessions that were used once and then left tell.
 */
function openedSteadily(c: Case, leak: IdleTrend): boolean {
  const levels = [...c.before, ...c.during].flatMap(tick => (tick.idle ? countOf(tick, leak) : []))
  const rise = leak.count - Math.min(...levels)
  const steps = levels.slice(1).map((level, i) => Math.max(0, level - levels[i]!))
  const largest = Math.max(0, ...steps)
  if (rise >= SHARE * leak.count) return steps.filter(step => step > 0).length >= 4 && largest < rise / 2
  return leak.unused !== undefined && leak.unused >= UNUSED && leak.oldestMs > 60_000
}

const countOf = (tick: Tick, leak: IdleTrend): number => idleCounts(tick).get(poolKey(leak)) ?? 0

function finding(c: Case, leak: IdleTrend): Found {
  const who = leak.application || leak.user
  const share = leak.count / Math.max(1, c.slotsDuring)
  return {
    confidence: 0.55 + 0.25 * ramp(share, SHARE, 0.7) + 0.2 * ramp(leak.unused ?? 0, 0.2, 0.7),
    onset: onset(c, leak),
    title: `${who} opens sessions and does not give them back: ${leak.count} idle`,
    because: `${who} opens sessions and never gives them back: ${plural(leak.count, 'session')} idle, the oldest for ${age(leak.oldestMs)}`,
    evidence: [
      speaksFor(`${who} holds ${percent(Math.min(1, share))} of the slots in use with idle sessions`),
      leak.perSecond > 0
        ? speaksFor(`${leak.perSecond.toFixed(1)} more of them a second, up to the ceiling`)
        : speaksAgainst('their number does not grow any more'),
      leak.unused === undefined || leak.unused < REUSED
        ? isMissing('whether they are ever used again (they are too young to tell, or it was not sampled)')
        : speaksFor(
            `${percent(leak.unused)} of them did something once, when they were opened, and nothing since`,
          ),
    ],
    subject: { user: leak.user, application: leak.application },
    remedies: ['idle-session-timeout', 'pool-size', 'max-connections', 'scale-up'],
    gone: () => ({ idle: group => (poolKey(group) === poolKey(leak) ? group.count : 0) }),
  }
}

/** When the oldest of them was left alone, but no earlier than the last time the level stood at what it was before. */
function onset(c: Case, leak: IdleTrend): number {
  const quiet = [...c.before, ...c.during].findLast(
    tick => tick.idle && countOf(tick, leak) <= leak.before + 1,
  )
  return Math.min(quiet ? quiet.t + c.evidence.tickMs : c.incident.from - leak.oldestMs, c.incident.from)
}
