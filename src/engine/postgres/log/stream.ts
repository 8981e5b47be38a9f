// A log that comes in pieces from elsewhere, such as over an API: read as it comes, never on disk.
import type { Interval, Testimony } from '../../../model/index.ts'
import { isComplete, notesOf } from './note.ts'
import { LogParser } from './parser.ts'
import { Tally } from './tally.ts'

export interface StreamOptions {
  /** `log_line_prefix` of the server; found out when absent. */
  prefix?: string
  window: Interval
  tickMs: number
}

/** Failed connections within the window, by tick. Throws what the source of the pieces throws. */
export const readLogStream = async (
  pieces: AsyncIterable<Uint8Array>,
  { prefix, window, tickMs }: StreamOptions,
): Promise<Testimony> => {
  const tally = new Tally({ window, binMs: tickMs })
  const parser = new LogParser(prefix === undefined ? {} : { prefix })
  for await (const piece of pieces) for (const record of parser.push(Buffer.from(piece))) tally.add(record)
  for (const record of parser.end()) tally.add(record)
  return tally.take(notesOf(parser), isComplete(parser))
}
