// A log that is there already, read once from beginning to end; of any size, in the same memory.
import type { Interval, Testimony } from '../model/index.ts'
import type { LogRecord } from './content.ts'
import { logFiles, openLog, unreadable } from './file.ts'
import type { LogReader, MakeReader } from './reader.ts'
import { Tally } from './tally.ts'

const CHUNK = 262_144

/** Failed connections within the window, by tick. Throws AppError `log-unreadable`; an abort throws the signal's reason. */
export const read = async (
  path: string,
  make: MakeReader,
  { window, tickMs }: { window: Interval; tickMs: number },
  signal?: AbortSignal,
): Promise<Testimony> => {
  const tally = new Tally({ window, binMs: tickMs })
  const seen: Seen = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY }
  const files = (await logFiles(path)).filter(
    (file, _, all) => all.length === 1 || file.modifiedAt >= window.from,
  )
  const notes: string[] = []
  let complete = true
  for (const file of files) {
    const reader = make()
    for await (const records of recordsOf(file.path, reader, signal)) {
      for (const record of records) {
        tally.add(record)
        if (record.t < seen.first) seen.first = record.t
        if (record.t > seen.last) seen.last = record.t
      }
    }
    notes.push(...reader.notes)
    complete &&= reader.isComplete
    if (!reader.format && file === files.at(-1))
      throw unreadable(
        file.path,
        'no entry of a log of PostgreSQL, PgBouncer, MySQL or MariaDB is in it',
        undefined,
      )
  }
  return tally.take([...notes, ...outside(seen, window)], complete)
}

interface Seen {
  first: number
  last: number
}

async function* recordsOf(
  path: string,
  reader: LogReader,
  signal: AbortSignal | undefined,
): AsyncGenerator<LogRecord[]> {
  const handle = await openLog(path)
  try {
    const chunk = Buffer.alloc(CHUNK)
    for (;;) {
      signal?.throwIfAborted()
      const { bytesRead } = await handle.read(chunk, 0, CHUNK)
      if (bytesRead === 0) break
      yield reader.push(chunk.subarray(0, bytesRead))
    }
    yield reader.end()
  } finally {
    await handle.close()
  }
}

/** A log of another day, or of another time zone than it says, must not pass for a calm one. */
const outside = ({ first, last }: Seen, { from, to }: Interval): string[] =>
  first > last || (last >= from && first < to)
    ? []
    : [
        `what the log tells of connections is of ${iso(first)} to ${iso(last)}, the evidence of ${iso(from)} to ${iso(to)}`,
      ]

const iso = (t: number): string => new Date(t).toISOString()
