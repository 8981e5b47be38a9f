// A session for plain statements, one at a time, to whatever speaks the protocol: a pooler's admin console takes no parameters.
import { newAttempt, within } from '../../dial/index.ts'
import { AppError } from '../../model/index.ts'
import { classify } from './classify.ts'
import { appErrorOf } from './failure.ts'
import { openSession, type Session } from './open.ts'
import type { PostgresTarget } from './target.ts'

export interface Console {
  /** Simple protocol. Throws AppError `no-answer` or `connection-lost` (then it is closed), or the server's own error. */
  ask(sql: string, signal?: AbortSignal): Promise<Record<string, unknown>[]>
  readonly closed: boolean
  close(): Promise<void>
}

/** Bound of each phase of connecting and of each statement, milliseconds. */
const DEADLINE_MS = 2_000

/** Throws AppError; an abort throws the signal's reason. No setting is sent: PgBouncer refuses what it does not know. */
export const openConsole = async (target: PostgresTarget, signal?: AbortSignal): Promise<Console> => {
  const attempt = newAttempt(DEADLINE_MS, signal)
  let session: Session
  try {
    session = await openSession(target, {}, attempt)
  } catch (error) {
    signal?.throwIfAborted()
    throw appErrorOf(classify(error, attempt.phase, 'tls' in attempt.phaseMs), target, error)
  }
  const { client, socket } = session
  return {
    ask: async (sql, asking) => {
      const hint = 'the next look opens it again'
      if (socket.destroyed) throw new AppError('connection-lost', `${target.name}: it is closed`, hint)
      try {
        const { rows } = await within(DEADLINE_MS, asking, client.query(sql), () => socket.destroy())
        return rows as Record<string, unknown>[]
      } catch (error) {
        asking?.throwIfAborted()
        if (!socket.destroyed) throw error
        throw new AppError('no-answer', `${target.name}: ${sql} was not answered`, hint, error)
      }
    },
    get closed() {
      return socket.destroyed
    },
    close: () => session.close(),
  }
}
