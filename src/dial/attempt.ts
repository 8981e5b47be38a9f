// One connection attempt as it goes on: the phase it is in, what the phases took, and the bound of each.
import type { Phase } from '../model/index.ts'
import { within } from './deadline.ts'

/** Longest time each phase may take, in milliseconds. */
const PHASE_MS: Record<Phase, number> = {
  resolve: 2_000,
  connect: 3_000,
  tls: 3_000,
  authenticate: 5_000,
  query: 2_000,
}

/** How far one attempt got. */
export interface Attempt {
  phase: Phase
  phaseMs: Partial<Record<Phase, number>>
  /** Bound of every phase, on top of its own. */
  boundMs: number
  signal: AbortSignal | undefined
  /** Address of this machine to connect from; the system chooses when absent. */
  from?: string
}

export const newAttempt = (boundMs: number, signal: AbortSignal | undefined, from?: string): Attempt => ({
  phase: 'resolve',
  phaseMs: {},
  boundMs,
  signal,
  ...(from !== undefined && { from }),
})

/** Times `work` as one phase of the attempt, or as a part of it; `giveUp` runs when it is late. */
export const phase = async <T>(
  attempt: Attempt,
  name: Phase,
  work: (deadlineMs: number) => Promise<T>,
  giveUp: () => void,
): Promise<T> => {
  attempt.phase = name
  const start = performance.now()
  const ms = Math.min(PHASE_MS[name], attempt.boundMs)
  try {
    return await within(ms, attempt.signal, work(ms), giveUp)
  } finally {
    attempt.phaseMs[name] = performance.now() - start + (attempt.phaseMs[name] ?? 0)
  }
}
