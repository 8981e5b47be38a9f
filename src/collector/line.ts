// The held connection, and how it is opened again after it was lost: slowly, and never two attempts at a time.
import { AppError, type Clock, type Connection, type Engine, type Sample } from '../model/index.ts'

const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 30_000

export interface Line {
  /** The facts of the server, once it was reached. */
  readonly connection: Connection | undefined
  /** Why there is no connection, when there is none. */
  readonly problem: AppError | undefined
  /** Opens the connection when there is none and its time has come. */
  open(signal?: AbortSignal): Promise<void>
  /** One sample, or undefined: then this tick is a gap. */
  sample(signal?: AbortSignal): Promise<Sample | undefined>
  close(): Promise<void>
}

export function heldLine(engine: Engine, clock: Clock): Line {
  let connection: Connection | undefined
  let problem: AppError | undefined
  let retryMs = FIRST_RETRY_MS
  let retryAt = 0

  const lose = async (error: unknown, signal: AbortSignal | undefined) => {
    // Not lost but called off: whoever aborted wants an end, not an error.
    if (signal?.aborted) return
    if (!(error instanceof AppError)) throw error
    problem = error
    retryAt = clock.now() + retryMs
    retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS)
    const lost = connection
    connection = undefined
    await lost?.close()
  }

  return {
    get connection() {
      return connection
    },
    get problem() {
      return problem
    },
    async open(signal) {
      if (connection || clock.now() < retryAt) return
      try {
        connection = await engine.connect(signal)
        problem = undefined
        retryMs = FIRST_RETRY_MS
      } catch (error) {
        await lose(error, signal)
      }
    },
    async sample(signal) {
      if (!connection) return undefined
      try {
        return await connection.sample(signal)
      } catch (error) {
        // A slow answer costs a tick; a lost connection has to be opened again.
        if (error instanceof AppError && error.code === 'no-answer' && !isClosed(connection)) return undefined
        await lose(error, signal)
        return undefined
      }
    },
    async close() {
      await connection?.close()
      connection = undefined
    },
  }
}

const isClosed = (connection: Connection): boolean => connection.closed
