// Watches while something is changed, and asks the gate for as long as it takes to settle.
import type { Clock, Effect, Evidence } from '../model/index.ts'
import { judge, type Verdict } from './gate.ts'

/** A watch that goes on by itself. */
export interface Health {
  /** Everything seen so far; undefined before the first sample. */
  evidence(): Evidence | undefined
  /** How long to give it, milliseconds. */
  settleMs: number
}

const LOOK_MS = 500

/** A promise that is kept ends the wait; harm and silence are judged at its end. */
export async function measure(
  promised: Effect | undefined,
  startedAt: number,
  { evidence, settleMs }: Health,
  { clock, signal, say }: { clock: Clock; signal?: AbortSignal; say(text: string): void },
): Promise<Verdict> {
  const actedAt = clock.now()
  say(`watching for ${Math.round(settleMs / 1000)} s whether it ${promised ? 'helps' : 'harms'}`)
  for (;;) {
    const isLast = clock.now() >= actedAt + settleMs
    const seen = evidence()
    if (seen) {
      const verdict = judge(promised, seen, startedAt, actedAt, isLast)
      if (verdict.verdict !== 'undecided') return verdict
    } else if (isLast) return { verdict: 'bad', because: 'the database could not be watched', comparison: [] }
    await clock.sleep(LOOK_MS, signal)
    signal?.throwIfAborted()
  }
}
