// A log that comes in pieces from elsewhere, such as over an API: read as it comes, never on disk.
import type { Interval, Testimony } from '../model/index.ts'
import type { MakeReader } from './reader.ts'
import { Tally } from './tally.ts'

/** Failed connections within the window, by tick. Throws what the source of the pieces throws. */
export const readStream = async (
  pieces: AsyncIterable<Uint8Array>,
  make: MakeReader,
  { window, tickMs }: { window: Interval; tickMs: number },
): Promise<Testimony> => {
  const tally = new Tally({ window, binMs: tickMs })
  const reader = make()
  for await (const piece of pieces) for (const record of reader.push(Buffer.from(piece))) tally.add(record)
  for (const record of reader.end()) tally.add(record)
  return tally.take(reader.notes, reader.isComplete)
}
