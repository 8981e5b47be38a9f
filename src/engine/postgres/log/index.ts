// The server log as a witness of other clients.
import { type MakeReader, readStream } from '../../../log/index.ts'
import type { Interval, Testimony } from '../../../model/index.ts'
import { LogParser } from './parser.ts'

/** Logs of PostgreSQL, in every format, and of PgBouncer. `prefix`: `log_line_prefix` of the server; found out when absent. */
export const postgresReader =
  (prefix?: string): MakeReader =>
  sample =>
    new LogParser({ ...(prefix === undefined ? {} : { prefix }), ...(sample && { sample }) })

/** Failed connections within the window, by tick. Throws what the source of the pieces throws. */
export const readLogStream = (
  pieces: AsyncIterable<Uint8Array>,
  { prefix, ...bins }: { prefix?: string; window: Interval; tickMs: number },
): Promise<Testimony> => readStream(pieces, postgresReader(prefix), bins)
