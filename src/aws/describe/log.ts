// The server log of an instance: out of CloudWatch Logs where it is published, which costs the instance nothing, else file by file.
import { filePieces, type LogQuestion } from './logfile.ts'
import { groupPieces } from './loggroup.ts'

/** Pieces of at most a megabyte. */
const MAX_PIECES = 40

/** The error log of each engine; what else there is tells nothing of connections. */
const NAMED: Record<string, string> = { postgres: 'postgresql', mysql: 'error', mariadb: 'error' }

export interface LogPieces {
  pieces: AsyncIterable<Uint8Array>
  /** False once not all of the window was read. */
  whole(): boolean
}

/** `fall`: told why the published log could not be read. Opens nothing before the first piece is asked for; then throws AppError. */
export function logPieces(asked: Omit<LogQuestion, 'log'>, fall: (error: unknown) => void): LogPieces {
  const log = NAMED[asked.database.engine ?? ''] ?? 'error'
  const question = { ...asked, log }
  let left = MAX_PIECES
  async function* bounded(pieces: AsyncIterable<string>) {
    for await (const piece of pieces) {
      yield Buffer.from(piece)
      if (--left === 0) return
    }
  }
  async function* pieces() {
    if (asked.database.exports.includes(log)) {
      try {
        yield* bounded(groupPieces(question))
        return
      } catch (error) {
        // What was read twice would be counted twice.
        if (left < MAX_PIECES) throw error
        fall(error)
      }
    }
    yield* bounded(filePieces(question))
  }
  return { pieces: pieces(), whole: () => left > 0 }
}
