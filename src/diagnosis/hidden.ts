// Sessions that hide from this role what they do: where they outweigh the others, calm cannot be told from trouble.
import { idleCount, type Skipped, type Tick } from '../model/index.ts'
import { plural } from './say.ts'
import { tally } from './tally.ts'

/** What cannot be told, in words; undefined where most of the slots' holders show their state. */
export function hiddenSessions(ticks: readonly Tick[]): Skipped | undefined {
  const [hidden, all] = ticks.reduce<[number, number]>(
    (most, tick) => {
      const { unknown = 0 } = tally(tick).byState
      return unknown > most[0] ? [unknown, (tick.sessions?.length ?? 0) + idleCount(tick)] : most
    },
    [0, 0],
  )
  if (hidden * 2 < Math.max(1, all)) return undefined
  return {
    check: 'load and locks',
    reason: `${hidden} of ${plural(all, 'session')} hide from this role what they do`,
  }
}
