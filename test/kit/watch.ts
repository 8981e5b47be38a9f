// A watch in the hands of a test: followed until something is seen, ended when the test says so.
import { watch } from '../../src/collector/index.ts'
import { wallClock } from '../../src/host/index.ts'
import type { Engine, Observation } from '../../src/model/index.ts'

/** Quick, and still slow enough that half of it is more than a busy machine is late. */
export const TICK_MS = 400
const PATIENCE_MS = 15_000

export const clock = wallClock()

export const isSampled = ({ tick }: Observation): boolean => tick.sessions !== undefined
export const isGap = (observation: Observation): boolean => !isSampled(observation)

export function observe(engine: Engine, tickMs = TICK_MS) {
  const end = new AbortController()
  const observations = watch(engine, { clock, tickMs, signal: end.signal })
  const seen: Observation[] = []
  return {
    /** Everything that `until` went through. */
    seen,
    next: () => observations.next(),
    /** The first observation from here on that fits; fails after fifteen seconds. */
    until: async (fits: (observation: Observation) => boolean): Promise<Observation> => {
      const deadline = performance.now() + PATIENCE_MS
      for (;;) {
        const { value, done } = await observations.next()
        if (done) throw new Error('the watch ended')
        seen.push(value)
        if (fits(value)) return value
        if (performance.now() > deadline) throw new Error(`not seen in ${seen.length} ticks`)
      }
    },
    /** Ends it, and tells how long that took, milliseconds. */
    stop: async (): Promise<number> => {
      const asked = performance.now()
      end.abort()
      while (!(await observations.next()).done);
      return performance.now() - asked
    },
  }
}
