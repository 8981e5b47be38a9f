// The first signs that a server is unlike what it just was: cheap, and in proportion to its own recent past.
import { activeSessions, deviation, median } from '../load/index.ts'
import { type Limits, slotsUsed, type Tick, usableSlots } from '../model/index.ts'

/** Ticks that make the recent past, and how many of them are needed to know a usual load. */
const REMEMBERED = 30
const FEWEST = 5
/** From this share of the usable slots on they are about to run out. */
const CEILING = 0.9
/** Active sessions that are never many: below, nothing needs to be computed. */
const FEW = 3

/** What is looked at. Of the last three it is 1 when it was so, 0 when not. */
const MEASURES = ['active', 'waiters', 'crowded', 'refused', 'missed'] as const
/** In this order; NaN where it is not known. */
type Look = [active: number, waiters: number, crowded: number, refused: number, missed: number]

export interface Signs {
  /** What is abnormal in a tick, in words, or nothing. `refused`: whether a connection attempt failed since the one before. */
  in(tick: Tick, refused: boolean | undefined, limits: Limits | undefined): string | undefined
  /** From now on the tick last looked at is part of what is usual. */
  learn(): void
}

export function signs(): Signs {
  // Of a thousand targets each would leave as many little objects a second behind.
  const past = MEASURES.map(() => new Float32Array(REMEMBERED).fill(Number.NaN))
  const now = new Float32Array(MEASURES.length)
  let learnt = 0
  return {
    in(tick, refused, limits) {
      now.set(lookAt(tick, refused, limits))
      return signOf(now, past)
    },
    learn() {
      past.forEach((values, i) => {
        values[learnt % REMEMBERED] = now[i]!
      })
      learnt++
    },
  }
}

function lookAt(tick: Tick, refused: boolean | undefined, limits: Limits | undefined): Look {
  const [active = Number.NaN, used = Number.NaN] = [activeSessions(tick), slotsUsed(tick)]
  return [
    active,
    tick.signals.lock_waiters ?? Number.NaN,
    limits ? Number(used >= CEILING * usableSlots(limits)) : Number.NaN,
    Number(refused),
    Number(Number.isNaN(active) && Number.isNaN(used)),
  ]
}

const WORDS: Record<Exclude<(typeof MEASURES)[number], 'active'>, string> = {
  refused: 'a connection attempt failed',
  missed: 'a sample failed',
  crowded: 'the slots run out',
  waiters: 'sessions wait for locks',
}

/** What lasts is no news: each is held against what there was before. */
function signOf(now: Float32Array, past: readonly Float32Array[]): string | undefined {
  for (const name of ['refused', 'missed', 'crowded', 'waiters'] as const) {
    const at = MEASURES.indexOf(name)
    if (isNew(now[at]!, past[at]!)) return WORDS[name]
  }
  return isAbove(now[0]!, past[0]!) ? 'more sessions are active' : undefined
}

/** More than twice of what there was at most. */
const isNew = (value: number, past: Float32Array): boolean =>
  value > 0 && past.every(before => !(2 * before >= value))

/** Counts scatter by their square root, at least; less than twice the usual is everyday. */
function isAbove(active: number, past: Float32Array): boolean {
  if (!(active > FEW)) return false
  const before = [...past].filter(value => !Number.isNaN(value))
  if (before.length < FEWEST) return false
  const usual = median(before)
  return active >= 2 * usual && active > usual + 3 * Math.max(1, Math.sqrt(usual), deviation(before))
}
