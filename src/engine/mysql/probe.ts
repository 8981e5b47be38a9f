// One fresh connection attempt, timed by phase: what an application would see if it connected now.
import { newAttempt, phase } from '../../dial/index.ts'
import type { Failure, ProbeResult } from '../../model/index.ts'
import { classify } from './classify.ts'
import { openSession, type Session } from './open.ts'
import type { ReplicaStatus } from './replica.ts'
import type { MysqlTarget } from './target.ts'

/** What this process does at the server, so that it is not taken for others' doing. */
export interface Own {
  /** Ids of the last sessions; an id is not used again. */
  sessions: string[]
  /** How many sessions there were. */
  logins: number
  /** Attempts that failed and have not been taken off the server's counts yet. */
  failed: Failure[]
  /** How it is asked for its lag; undefined as long as it was not. */
  replica?: ReplicaStatus
}

/** More than there ever are within one tick. */
const MAX_KEPT = 20

/** A closed session stays in the server's list for a moment. */
export const remember = (own: Own, id: number): void => {
  own.logins++
  own.sessions = [...own.sessions, String(id)].slice(-MAX_KEPT)
}

/** Never throws, and leaves no socket behind. */
export const probe = async (
  target: MysqlTarget,
  boundMs: number,
  own: Own,
  signal: AbortSignal | undefined,
  from: string | undefined,
): Promise<ProbeResult> => {
  const start = { t: Date.now(), ...(from !== undefined && { from }) }
  const attempt = newAttempt(boundMs, signal, from)
  let session: Session | undefined
  try {
    session = await openSession(target, attempt)
    const { client, socket, id } = session
    remember(own, id)
    const answer = () =>
      new Promise<void>((resolve, reject) => {
        client.query('/* spillway */ select 1 as spillway', error =>
          error === null ? resolve() : reject(error),
        )
      })
    await phase(attempt, 'query', answer, () => socket.destroy())
    return { ...start, ok: true, phaseMs: attempt.phaseMs }
  } catch (error) {
    const classified = classify(error, attempt.phase)
    own.failed = [...own.failed, classified.failure].slice(-MAX_KEPT)
    return { ...start, ok: false, ...classified, phaseMs: attempt.phaseMs }
  } finally {
    await session?.close()
  }
}
