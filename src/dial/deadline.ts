// No await on a wire without an end: a deadline here, because a stopped server never fires its own.

/** The peer did not answer in time. */
export class DeadlineError extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`)
    this.name = 'DeadlineError'
  }
}

/**
 * Settles as `work` does, or rejects with DeadlineError after `ms`, or with the signal's reason. In the last two cases
 * `giveUp` runs first: it closes what the work is waiting for.
 */
export const within = <T>(
  ms: number,
  signal: AbortSignal | undefined,
  work: Promise<T>,
  giveUp: () => void,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const fail = (error: unknown) => {
      settle()
      giveUp()
      reject(error)
    }
    const onAbort = () => fail(signal?.reason)
    const timer = setTimeout(() => fail(new DeadlineError(ms)), ms)
    signal?.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(settle)
    if (signal?.aborted) onAbort()
  })
