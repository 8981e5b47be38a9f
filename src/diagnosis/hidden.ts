// Sessions that hide from this role what they do: where they outweigh the others, calm cannot be told from trouble.
import type { Skipped, Tick } from '../model/index.ts'
import { plural } from './say.ts'

/** What cannot be told, in words; undefined where most of the slots' holders show their state. */
export function hiddenSessions(ticks: readonly Tick[]): Skipped | undefined {
  const [hidden, all] = ticks.reduce<[number, number]>(
    (most, { sessions = [], idle = [] }) => {
      const unknown = sessions.filter(({ state }) => state === 'unknown').length
      const groups = idle.reduce((sum, { count }) => sum + count, 0)
      return unknown > most[0] ? [unknown, sessions.length + groups] : most
    },
    [0, 0],
  )
  if (hidden * 2 < Math.max(1, all)) return undefined
  return {
    check: 'load and locks',
    reason: `${hidden} of ${plural(all, 'session')} hide from this role what they do`,
  }
}
