// Logging in with what a source says, and once more when the password was changed behind our back.
import type { Login, LoginSource } from '../model/index.ts'
import type { Attempt } from './attempt.ts'

/**
 * Calls `open` with the login of the source; without one, with none. When the server refuses it and the source has a
 * newer one, the attempt begins anew. Throws what `open` throws, and AppError when the source has no login to give.
 */
export const withLogin = async <S>(
  source: LoginSource | undefined,
  attempt: Attempt,
  open: (login: Login | undefined) => Promise<S>,
  isRefusal: (error: unknown) => boolean,
): Promise<S> => {
  if (source === undefined) return open(undefined)
  const login = await asked(attempt, signal => source.login(signal))
  try {
    return await open(login)
  } catch (error) {
    const newer = isRefusal(error) ? await asked(attempt, signal => source.renewed(login, signal)) : undefined
    if (newer === undefined) throw error
    attempt.phaseMs = {}
    return open(newer)
  }
}

/** A login that cannot be had fails the attempt as one that is refused, and takes no time of the server's. */
const asked = <T>(attempt: Attempt, ask: (signal: AbortSignal | undefined) => Promise<T>): Promise<T> => {
  attempt.phase = 'authenticate'
  return ask(attempt.signal)
}
