// What reads one log, whatever wrote it: bytes in, records out.
import type { LogRecord } from './content.ts'

export interface LogReader {
  /** Undefined as long as nothing was seen that looks like a log it knows. */
  readonly format: string | undefined
  /** What has to be told about what the log does not say, for people. */
  readonly notes: string[]
  /** Whether what it does not name did not happen. */
  readonly isComplete: boolean
  /** `readAt` (epoch milliseconds) stands for the times that cannot be read: for a log that is followed as it grows. */
  push(chunk: Buffer, readAt?: number): LogRecord[]
  /** What is left, because the file ends or another one begins. */
  end(readAt?: number): LogRecord[]
}

/** `sample`: bytes from the head of the same log, to know its format before the first line. */
export type MakeReader = (sample?: Buffer) => LogReader

/** Whose log it is, the log says: the first that knows it reads on. */
export const firstOf =
  (makers: readonly MakeReader[]): MakeReader =>
  sample =>
    new Either(makers.map(make => make(sample)))

class Either implements LogReader {
  #readers: LogReader[]

  constructor(readers: LogReader[]) {
    this.#readers = readers
    this.#choose()
  }

  get format() {
    return this.#readers[0]?.format
  }
  get notes() {
    return this.#readers[0]?.notes ?? []
  }
  get isComplete() {
    return this.#readers.length === 1 && (this.#readers[0]?.isComplete ?? false)
  }

  push(chunk: Buffer, readAt?: number): LogRecord[] {
    return this.#ask(reader => reader.push(chunk, readAt))
  }

  end(readAt?: number): LogRecord[] {
    return this.#ask(reader => reader.end(readAt))
  }

  #ask(read: (reader: LogReader) => LogRecord[]): LogRecord[] {
    const told = new Map(this.#readers.map(reader => [reader, read(reader)]))
    this.#choose()
    const [first] = this.#readers
    return first?.format === undefined ? [] : (told.get(first) ?? [])
  }

  #choose(): void {
    const known = this.#readers.find(({ format }) => format !== undefined)
    if (known) this.#readers = [known]
  }
}
