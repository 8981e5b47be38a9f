// The held connection's one wire: one statement at a time, each with a deadline, every failure in the operator's words.
import { DeadlineError, within } from '../../dial/index.ts'
import { AppError } from '../../model/index.ts'
import { classify, isServerCode } from './classify.ts'
import type { Session } from './open.ts'

/** Runs constant text of one or more statements and returns the rows of each. */
export type Ask = <Row>(sql: string) => Promise<Row[][]>

/** The number that the server gave a failure of `Ask`. */
export const errnoOf = (error: unknown): number =>
  Number((error as { cause?: { errno?: unknown } }).cause?.errno)

/** What may fail without harm to the rest, unless the connection went with it. */
export const perhaps = async <T>(work: Promise<T>, isOver: () => boolean): Promise<T | undefined> => {
  try {
    return await work
  } catch (error) {
    if (isOver()) throw error
    return undefined
  }
}

/** No more prepared statements are allowed, or a proxy lost them: 1461, 1243, 1295, 1615. */
const NOT_PREPARED = [1461, 1243, 1295, 1615]

/** A late or aborted statement ends the connection: its answer is lost. */
export class Wire {
  readonly #session: Session
  readonly #name: string
  readonly #deadlineMs: number
  #last: Promise<unknown> = Promise.resolve()
  #prepares = true

  constructor(session: Session, name: string, deadlineMs: number) {
    this.#session = session
    this.#name = name
    this.#deadlineMs = deadlineMs
  }

  asking(signal: AbortSignal | undefined): Ask {
    return <Row>(sql: string) => this.#inTurn<Row>(sql, signal, false)
  }

  /**
   * For the few single statements that every sample repeats: planning them anew takes a third of their CPU. The server
   * forgets them with the connection; one that does not take them is asked in plain text from then on.
   */
  askingAgain(signal: AbortSignal | undefined): Ask {
    return async <Row>(sql: string) => {
      if (!this.#prepares) return this.#inTurn<Row>(sql, signal, false)
      try {
        return await this.#inTurn<Row>(sql, signal, true)
      } catch (error) {
        if (this.closed || !NOT_PREPARED.includes(errnoOf(error))) throw error
        this.#prepares = false
        return this.#inTurn<Row>(sql, signal, false)
      }
    }
  }

  #inTurn<Row>(sql: string, signal: AbortSignal | undefined, prepared: boolean): Promise<Row[][]> {
    const turn = this.#last.then(() => this.#send<Row>(sql, signal, prepared))
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async #send<Row>(sql: string, signal: AbortSignal | undefined, prepared: boolean): Promise<Row[][]> {
    signal?.throwIfAborted()
    if (this.closed) throw this.#lost('the connection is closed', undefined)
    const { client, socket } = this.#session
    const answer = new Promise<unknown[]>((resolve, reject) => {
      const done = (error: unknown, rows: unknown) => (error ? reject(error) : resolve(rows as unknown[]))
      if (prepared) client.execute(sql, done)
      else client.query(sql, done)
    })
    try {
      const rows = await within(this.#deadlineMs, signal, answer, () => socket.destroy())
      return (isOfMany(rows) ? rows.filter(Array.isArray) : [rows]) as Row[][]
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw this.#explained(error)
    }
  }

  #explained(error: unknown): AppError {
    if (error instanceof DeadlineError) {
      return this.#late(`${error.message}, the connection was given up`, error)
    }
    const { failure, native } = classify(error, 'query')
    const what = native.code === '' ? native.message : `${native.code}: ${native.message}`
    // A refusal of the server has a number; everything else is the wire.
    const isOver = failure === 'session-ended' || !isServerCode(native.code)
    return isOver || this.closed ? this.#lost(what, error) : this.#late(what, error)
  }

  #lost(what: string, cause: unknown): AppError {
    this.#session.socket.destroy()
    const hint = 'the server ended the session or the network broke; connect again'
    return new AppError('connection-lost', `${this.#name}: ${what}`, hint, cause)
  }

  #late(what: string, cause: unknown): AppError {
    const hint = 'the server is starved, or its own tables are locked; the next sample may succeed'
    return new AppError('no-answer', `${this.#name}: ${what}`, hint, cause)
  }

  get closed(): boolean {
    return this.#session.socket.destroyed
  }

  close(): Promise<void> {
    return this.#session.close()
  }
}

/** One statement gives its rows, many give a list for each. */
const isOfMany = (rows: unknown[]): boolean => Array.isArray(rows) && rows.some(row => Array.isArray(row))
