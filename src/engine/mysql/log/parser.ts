// Bytes of an error log → records. MySQL 5.7 to 9 writes the time with its zone, MariaDB the local time without.
import { Lines, type LogReader, type LogRecord } from '../../../log/index.ts'
import { contentOf } from './record.ts'
import { timeOf } from './time.ts'

export interface LogOptions {
  /** Minutes east of Greenwich where MariaDB writes: RDS is at 0. Absent: where this process is. */
  zone?: number
}

/** `2026-01-31T12:00:00.123456Z 8 [Note] [MY-010926] [Server] …`; 5.7 has neither number nor part. */
const MYSQL =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|[+-]\d\d:\d\d)) \d+ \[(?:Note|Warning|ERROR|System)\] (?:\[MY-\d+\] \[\w+\] )?(.*)$/
/** `2026-01-31 12:00:00 8 [Warning] …`; the hour may have one digit. */
const MARIADB = /^(\d{4}-\d\d-\d\d {1,2}\d{1,2}:\d\d:\d\d) \d+ \[(?:Note|Warning|ERROR)\] (.*)$/

export class ErrorLogParser implements LogReader {
  format: 'mysql' | 'mariadb' | undefined
  readonly notes: string[] = []
  /** Neither names who found no slot or stands at an account's limit, and MySQL names nobody below `log_error_verbosity = 3`. */
  readonly isComplete = false
  readonly #lines = new Lines()
  readonly #zone: number | undefined

  constructor({ zone }: LogOptions, sample?: Buffer) {
    this.#zone = zone
    if (sample) for (const { text } of new Lines().push(sample)) this.#match(text)
  }

  push(chunk: Buffer): LogRecord[] {
    return this.#lines.push(chunk).flatMap(({ text }) => this.#read(text))
  }

  end(): LogRecord[] {
    return this.#lines.end().flatMap(({ text }) => this.#read(text))
  }

  #read(line: string): LogRecord[] {
    const [time, message] = this.#match(line) ?? []
    const content = message === undefined ? undefined : contentOf(message)
    const t = content && timeOf(time!, this.#zone)
    return content && t !== undefined ? [{ t, ...content }] : []
  }

  #match(line: string): [time: string, message: string] | undefined {
    const mysql = MYSQL.exec(line)
    const [, time, message] = mysql ?? MARIADB.exec(line) ?? []
    if (time === undefined || message === undefined) return undefined
    this.format ??= mysql ? 'mysql' : 'mariadb'
    return [time, message]
  }
}
