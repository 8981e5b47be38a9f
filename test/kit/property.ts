// Properties over seeded chance: what must hold for any sessions, and the seed that shows it when it does not.
import { type Random, seededRandom } from '../../src/lab/random.ts'
import { SESSION_STATES, type SessionSample, WAIT_CLASSES } from '../../src/model/index.ts'
import type { TickSpec } from './evidence.ts'
import { idle, session, times } from './evidence.ts'

export { seededRandom }

/** Tries the property with as many seeds; a failure names the first seed it failed for. */
export function forSeeds(count: number, property: (random: Random) => void): void {
  for (let seed = 1; seed <= count; seed++) {
    try {
      property(seededRandom(seed))
    } catch (error) {
      if (error instanceof Error) error.message = `seed ${seed}: ${error.message}`
      throw error
    }
  }
}

/** An integer from 0 up to, but not including, `n`. */
const below = (random: Random, n: number): number => Math.floor(random() * n)

const pick = <T>(random: Random, of: readonly T[]): T => of[below(random, of.length)]!

/** Anything a sample can hold: every state, waits with and without a class, known and unknown people. */
export const randomTick = (random: Random): TickSpec => ({
  sessions: times(below(random, 12), i => randomSession(random, `${i}`)),
  idle: times(below(random, 4), i => idle(1 + below(random, 9), { application: `pool${i}` })),
})

/** Waits for up to three of the ids 0 to 14 or for nobody, itself, circles and unknown ones included. */
export function randomSession(random: Random, id: string): SessionSample {
  const state = pick(random, SESSION_STATES)
  const blockers = times(below(random, 4), () => `${below(random, 15)}`)
  return session(id, {
    state,
    application: pick(random, ['web', 'billing', 'report']),
    ...(state === 'active' && random() < 0.8 ? { waitClass: pick(random, WAIT_CLASSES) } : {}),
    ...(blockers.length > 0 ? { blockedBy: blockers } : {}),
  })
}
