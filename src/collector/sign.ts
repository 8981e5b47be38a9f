// The first signs that a server is unlike what it just was: cheap, and in proportion to its own recent past.
import { activeSessions, deviation, median } from '../load/index.ts'
import { type Limits, type ProbeResult, slotsUsed, type Tick, usableSlots } from '../model/index.ts'

/** Ticks that make the recent past, and how many of them are needed to know a usual load. */
const REMEMBERED = 30
const FEWEST = 5
/** From this share of the usable slots on they are about to run out. */
const CEILING = 0.9

/** What is looked at; absent is unknown. */
interface Look {
  active?: number
  waiters?: number
  /** 1 when it was so, 0 when not. */
  crowded?: number
  refused?: number
  missed: number
}

export interface Signs {
  /** What is abnormal in a tick, in words, or nothing. The probes are those that ended since the tick before. */
  in(tick: Tick, probes: readonly ProbeResult[], limits: Limits | undefined): string | undefined
  /** From now on the tick last looked at is part of what is usual. */
  learn(): void
}

export function signs(): Signs {
  let past: Look[] = []
  let now: Look = { missed: 0 }
  return {
    in(tick, probes, limits) {
      now = lookAt(tick, probes, limits)
      return signOf(now, past)
    },
    learn() {
      past = [...past, now].slice(-REMEMBERED)
    },
  }
}

function lookAt(tick: Tick, probes: readonly ProbeResult[], limits: Limits | undefined): Look {
  const [active, used] = [activeSessions(tick), slotsUsed(tick)]
  const { lock_waiters: waiters } = tick.signals
  return {
    missed: active === undefined && used === undefined ? 1 : 0,
    ...(active !== undefined && { active }),
    ...(waiters !== undefined && { waiters }),
    ...(limits && used !== undefined && { crowded: Number(used >= CEILING * usableSlots(limits)) }),
    ...(probes.length > 0 && { refused: Number(probes.some(({ ok }) => !ok)) }),
  }
}

/** What lasts is no news: each is held against what there was before. */
function signOf(now: Look, past: readonly Look[]): string | undefined {
  const before = (name: keyof Look) => past.flatMap(look => look[name] ?? [])
  const isNew = (name: keyof Look) => (now[name] ?? 0) > 2 * Math.max(0, ...before(name))
  if (isNew('refused')) return 'a connection attempt failed'
  if (isNew('missed')) return 'a sample failed'
  if (isNew('crowded')) return 'the slots run out'
  if (isNew('waiters')) return 'sessions wait for locks'
  return isAbove(now.active ?? 0, before('active')) ? 'more sessions are active' : undefined
}

/** Counts scatter by their square root, at least; less than twice the usual is everyday. */
function isAbove(active: number, past: number[]): boolean {
  if (past.length < FEWEST) return false
  const usual = median(past)
  return active >= 2 * usual && active > usual + 3 * Math.max(1, Math.sqrt(usual), deviation(past))
}
