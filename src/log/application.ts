// The log of an application: which of its entries say that it got no connection. Whatever its format, the words of drivers and pools stand in it.
import type { FailureCount } from '../model/index.ts'
import type { LogRecord } from './content.ts'
import { Lines } from './lines.ts'
import type { LogReader, MakeReader } from './reader.ts'

/** Undefined where a text tells of no connection that failed. */
type FailureIn = (text: string) => Pick<FailureCount, 'failure' | 'native'> | undefined

/** `application`: its name, as its sessions have it. */
export const applicationReader =
  (failureIn: FailureIn, application: string): MakeReader =>
  () =>
    new ApplicationReader(failureIn, application)

/** An entry begins with a time; what follows without one, such as a stack, belongs to it, and counts once. */
class ApplicationReader implements LogReader {
  readonly format = 'application'
  /** An application need not tell of everything. */
  readonly isComplete = false
  readonly #lines = new Lines()
  readonly #failureIn: FailureIn
  readonly #application: string
  #timeless = 0
  #entry: { t: number; counted: boolean } | undefined

  constructor(failureIn: FailureIn, application: string) {
    this.#failureIn = failureIn
    this.#application = application
  }

  get notes(): string[] {
    return this.#timeless === 0
      ? []
      : [
          `${this.#application}: ${this.#timeless} failures without a time (ISO 8601, or epoch in JSON) are left out`,
        ]
  }

  push(chunk: Buffer, readAt?: number): LogRecord[] {
    return this.#lines.push(chunk).flatMap(({ text }) => this.#read(text, readAt))
  }

  end(readAt?: number): LogRecord[] {
    return this.#lines.end().flatMap(({ text }) => this.#read(text, readAt))
  }

  #read(line: string, readAt: number | undefined): LogRecord[] {
    const t = timeOf(line)
    if (t !== undefined) this.#entry = { t, counted: false }
    if (this.#entry?.counted) return []
    const found = this.#failureIn(line)
    if (!found) return []
    const at = this.#entry?.t ?? readAt
    if (at === undefined) {
      this.#timeless++
      return []
    }
    if (this.#entry) this.#entry.counted = true
    return [
      {
        t: at,
        kind: 'failure',
        failure: { source: 'application', application: this.#application, ...found },
        vague: false,
      },
    ]
  }
}

/** A time that stands further behind is what the entry is about. */
const HEAD = 200
/** Without a zone it is taken as UTC. */
const ISO = /\b(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?/
const EPOCH = /"(?:time|timestamp|ts|@timestamp)"\s*:\s*(\d{10}(?:\.\d+)?|\d{13})(?=[,}\s])/

function timeOf(line: string): number | undefined {
  const head = line.slice(0, HEAD)
  const [, epoch] = EPOCH.exec(head) ?? []
  if (epoch !== undefined)
    return epoch.length === 13 && !epoch.includes('.') ? Number(epoch) : 1000 * Number(epoch)
  const [, date, time, fraction = '0', zone = 'Z'] = ISO.exec(head) ?? []
  if (date === undefined) return undefined
  const t = Date.parse(`${date}T${time}.${fraction.slice(0, 3)}${zone.replace(/(\d\d)(\d\d)$/, '$1:$2')}`)
  return Number.isNaN(t) ? undefined : t
}
