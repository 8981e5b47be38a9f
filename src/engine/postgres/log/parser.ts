// Bytes of a server log → records. Finds out the format by itself; memory is bounded whatever comes.

import { type Line, Lines, type LogReader, type LogRecord } from '../../../log/index.ts'
import { CSV_START, csvFormat } from './csv.ts'
import type { Entry, Format } from './entry.ts'
import { JSON_START, jsonFormat } from './json.ts'
import { notesOf } from './note.ts'
import { PGBOUNCER_START, pgbouncerFormat } from './pgbouncer.ts'
import { recordOf } from './record.ts'
import { stderrFormat } from './stderr.ts'

export interface LogOptions {
  /** `log_line_prefix` of the server; found out when absent. */
  prefix?: string
  /** Bytes from the head of the same log, to know its format before the first line. */
  sample?: Buffer
}

/** Lines looked at to find out the format. */
const SAMPLE_LINES = 500

export class LogParser implements LogReader {
  /** Entries that could not be told for want of a code or of English text. */
  vague = 0
  /** Entries that were left out for want of a time. */
  timeless = 0
  readonly #prefix: string | undefined
  readonly #lines = new Lines()
  #format: Format | undefined
  #waiting: Line[] = []
  /** Session whose client was found gone last. */
  #goneOf: string | undefined

  constructor({ prefix, sample }: LogOptions) {
    this.#prefix = prefix
    if (sample) this.#format = this.#detect(new Lines().push(sample).slice(0, SAMPLE_LINES))
  }

  /** Undefined as long as nothing was seen that looks like a log of PostgreSQL or PgBouncer. */
  get format(): Format['name'] | undefined {
    return this.#format?.name
  }

  get notes(): string[] {
    return notesOf(this)
  }

  /** PgBouncer's log has what the pooler refused, and nothing of who came to the server directly. */
  get isComplete(): boolean {
    return this.format !== 'pgbouncer'
  }

  push(chunk: Buffer, readAt?: number): LogRecord[] {
    return this.#read(this.#lines.push(chunk), readAt, false)
  }

  end(readAt?: number): LogRecord[] {
    const records = this.#read(this.#lines.end(), readAt, true)
    this.#format?.restart()
    return records
  }

  #read(lines: Line[], readAt: number | undefined, isEnd: boolean): LogRecord[] {
    if (!this.#format) {
      for (const line of lines) this.#waiting.push(line)
      const isEnough = isEnd || readAt !== undefined || this.#waiting.length >= SAMPLE_LINES
      if (isEnough) this.#format = this.#detect(this.#waiting.slice(0, SAMPLE_LINES))
      if (!isEnough || !this.#format) {
        // A log that begins with pages of anything else is none.
        this.#waiting = this.#waiting.slice(-SAMPLE_LINES)
        return []
      }
      lines = this.#waiting
      this.#waiting = []
    }
    const records: LogRecord[] = []
    for (const { text, quotesLost } of lines) {
      const entry = this.#format.read(text, quotesLost)
      const record = entry && !this.#isEcho(entry) && recordOf(entry, readAt)
      if (record === 'timeless') this.timeless++
      else if (record) records.push(record)
      if (record && record !== 'timeless' && record.kind === 'failure' && record.vague) this.vague++
    }
    return records
  }

  /** A client that is gone in a transaction is told twice when the network says so: reset, then end of file. */
  #isEcho({ message, session }: Entry): boolean {
    if (message.startsWith('could not receive data from client')) this.#goneOf = session
    return message.startsWith('unexpected EOF on client connection') && this.#goneOf === session
  }

  #detect(lines: Line[]): Format | undefined {
    const texts = lines.map(({ text }) => text)
    if (texts.some(text => text.startsWith(JSON_START))) return jsonFormat()
    if (texts.some(text => CSV_START.test(text))) return csvFormat()
    if (texts.some(text => PGBOUNCER_START.test(text))) return pgbouncerFormat()
    return stderrFormat(texts, this.#prefix)
  }
}
