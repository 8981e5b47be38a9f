// The held connection, and how it is opened again after it was lost: slowly, and never two attempts at a time.
import { AppError, type Clock, type Connection, type Engine, type Sample } from '../model/index.ts'
import { breaker } from './breaker.ts'

/** After five failures in a row a minute, and then one trial a minute. */
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 60_000]

export interface Line {
  /** The facts of the server, once it was reached. */
  readonly connection: Connection | undefined
  /** Why there is no connection, when there is none. */
  readonly problem: AppError | undefined
  /** Opens the connection when there is none and its time has come. */
  open(signal?: AbortSignal): Promise<void>
  /** An attempt elsewhere has succeeded: there is nothing to wait for. */
  hurry(): void
  /** One sample, or undefined: then this tick is a gap. */
  sample(signal?: AbortSignal): Promise<Sample | undefined>
  close(): Promise<void>
}

export function heldLine(engine: Engine, clock: Clock, random: () => number): Line {
  let connection: Connection | undefined
  let problem: AppError | undefined
  const pause = breaker(clock, { pausesMs: PAUSES_MS, random })

  const lose = async (error: unknown, signal: AbortSignal | undefined) => {
    // Not lost but called off: whoever aborted wants an end, not an error.
    if (signal?.aborted) return
    if (!(error instanceof AppError)) throw error
    problem = error
    pause.failed()
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
      if (connection || !pause.mayTry) return
      try {
        connection = await engine.connect(signal)
        problem = undefined
        pause.mended()
      } catch (error) {
        await lose(error, signal)
      }
    },
    hurry() {
      if (!connection) pause.mended()
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
