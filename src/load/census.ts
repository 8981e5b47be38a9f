// The sessions of one sample, counted in one pass: half an hour of hundreds of sessions is a million of them.
import type { ByWaitClass, SessionSample, SessionState } from '../model/index.ts'

export interface Census {
  byState: Partial<Record<SessionState, number>>
  /** Of the active ones. */
  byWaitClass: ByWaitClass
  /** The active ones that do not wait for a lock. */
  working: readonly SessionSample[]
  /** The active ones that do. */
  locked: readonly SessionSample[]
  /** Those that somebody blocks, in whatever state. */
  waiting: readonly SessionSample[]
}

export const isActive = (session: SessionSample): boolean => session.state === 'active'

export function census(sessions: readonly SessionSample[] = []): Census {
  const byState: Census['byState'] = {}
  const byWaitClass: ByWaitClass = {}
  const working: SessionSample[] = []
  const locked: SessionSample[] = []
  const waiting: SessionSample[] = []
  for (const session of sessions) {
    const { state, blockedBy } = session
    if (blockedBy !== undefined && blockedBy.length > 0) waiting.push(session)
    byState[state] = (byState[state] ?? 0) + 1
    if (state !== 'active') continue
    const { waitClass = 'CPU' } = session
    byWaitClass[waitClass] = (byWaitClass[waitClass] ?? 0) + 1
    if (waitClass === 'Lock') locked.push(session)
    else working.push(session)
  }
  return { byState, byWaitClass, working, locked, waiting }
}
