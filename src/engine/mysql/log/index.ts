// The error log as a witness of other clients: given whole, or followed as it grows.

import { type MakeReader, readStream } from '../../../log/index.ts'
import type { Interval, Testimony } from '../../../model/index.ts'
import { ErrorLogParser, type LogOptions } from './parser.ts'

/** Error logs of MySQL and MariaDB. */
export const mysqlReader =
  (options: LogOptions = {}): MakeReader =>
  sample =>
    new ErrorLogParser(options, sample)

/** Of RDS, which is at UTC. Failed connections within the window, by tick. Throws what the source of the pieces throws. */
export const readErrorLogStream = (
  pieces: AsyncIterable<Uint8Array>,
  { window, tickMs }: { window: Interval; tickMs: number },
): Promise<Testimony> => readStream(pieces, mysqlReader({ zone: 0 }), { window, tickMs })
