// A log that grows: what was added since the last look, over rotation, truncation and new files of a folder.
import type { FileHandle } from 'node:fs/promises'
import { stat } from 'node:fs/promises'
import type { Testimony, Witness } from '../model/index.ts'
import { logFiles, openLog } from './file.ts'
import type { LogReader, MakeReader } from './reader.ts'
import { Tally } from './tally.ts'

const SAMPLE = 65_536
const CHUNK = 262_144
/** Most that is read at a time; the rest waits for the next look. */
const MAX_BYTES = 64_000_000
const BIN_MS = 100

/** Follows from its end on; `now` (epoch milliseconds) is for entries without a readable time. Throws AppError `log-unreadable`. */
export const follow = async (path: string, make: MakeReader, now: () => number): Promise<Witness> => {
  const newest = (await logFiles(path)).at(-1)!.path
  const handle = await openLog(newest)
  const { size, ino } = await handle.stat()
  const reader = make(await sampleOf(handle, size))
  return new Follower(path, reader, now, { path: newest, handle, ino, at: size })
}

/** The head tells the format. */
const sampleOf = async (handle: FileHandle, size: number): Promise<Buffer> => {
  const sample = Buffer.alloc(Math.min(SAMPLE, size))
  const { bytesRead } = await handle.read(sample, 0, sample.length, 0)
  return sample.subarray(0, bytesRead)
}

interface Place {
  path: string
  handle: FileHandle
  ino: number
  at: number
}

class Follower implements Witness {
  readonly name: string
  readonly #reader: LogReader
  readonly #now: () => number
  readonly #tally = new Tally({ binMs: BIN_MS })
  readonly #chunk = Buffer.alloc(CHUNK)
  #place: Place
  #said: string[] = []

  constructor(name: string, reader: LogReader, now: () => number, place: Place) {
    this.name = name
    this.#reader = reader
    this.#now = now
    this.#place = place
  }

  async hear(signal?: AbortSignal): Promise<Testimony> {
    await this.#readOn(signal)
    const next = await this.#next()
    if (next) {
      // Written between the last read and the rotation.
      await this.#readOn(signal)
      await this.#place.handle.close()
      this.#add(this.#reader.end(this.#now()))
      this.#place = next
      await this.#readOn(signal)
    }
    const notes = this.#reader.notes.filter(note => !this.#said.includes(note))
    this.#said = this.#reader.notes
    return this.#tally.take(notes, this.#reader.isComplete)
  }

  async close(): Promise<void> {
    await this.#place.handle.close()
  }

  async #readOn(signal: AbortSignal | undefined): Promise<void> {
    const place = this.#place
    const { size } = await place.handle.stat()
    if (size < place.at) {
      // Truncated in its place: what was half read is gone.
      this.#add(this.#reader.end(this.#now()))
      place.at = 0
    }
    for (let total = 0; total < MAX_BYTES; ) {
      signal?.throwIfAborted()
      const { bytesRead } = await place.handle.read(this.#chunk, 0, CHUNK, place.at)
      if (bytesRead === 0) return
      place.at += bytesRead
      total += bytesRead
      this.#add(this.#reader.push(this.#chunk.subarray(0, bytesRead), this.#now()))
    }
  }

  /** The file that has taken the place of this one; in the middle of a rotation there may be none for a moment. */
  async #next(): Promise<Place | undefined> {
    const newest = await logFiles(this.name).then(
      files => files.at(-1)!.path,
      () => undefined,
    )
    if (newest === undefined) return undefined
    const found = await stat(newest).catch(() => undefined)
    if (!found || (newest === this.#place.path && found.ino === this.#place.ino)) return undefined
    const handle = await openLog(newest).catch(() => undefined)
    return handle && { path: newest, handle, ino: found.ino, at: 0 }
  }

  #add(records: ReturnType<LogReader['push']>): void {
    for (const record of records) this.#tally.add(record)
  }
}
