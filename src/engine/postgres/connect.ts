// The held connection: opened in peace and kept, because during the incident nobody gets another one.

import {
  type Action,
  type ActionResult,
  AppError,
  type Check,
  type Connection,
  type Sample,
} from '../../model/index.ts'
import { endSession } from './act.ts'
import { classify, isSqlState } from './classify.ts'
import { type Counters, rates } from './counters.ts'
import { DeadlineError, within } from './deadline.ts'
import { examine } from './doctor.ts'
import { type Facts, readFacts } from './facts.ts'
import { appErrorOf } from './failure.ts'
import { grants } from './grants.ts'
import { type Ask, Names } from './names.ts'
import { newAttempt, openSession, type Session } from './open.ts'
import { sampleSql } from './sample.sql.ts'
import { gauges, type RawSample, sampleOf } from './sample.ts'
import type { PostgresTarget } from './target.ts'

export interface ConnectOptions {
  /** Bound of each phase of connecting, milliseconds. */
  connectMs: number
  /** Bound of each statement on the server, milliseconds. */
  statementMs: number
  vcpus?: number
}

/** How much longer than the server the client waits, milliseconds: a stopped server never fires its own deadline. */
const GRACE_MS = 500
const LOCK_MS = 100

/** Throws AppError; an abort throws the signal's reason. */
export const connect = async (
  target: PostgresTarget,
  options: ConnectOptions,
  signal: AbortSignal | undefined,
): Promise<Connection> => {
  const attempt = newAttempt(options.connectMs, signal)
  let session: Session
  try {
    session = await openSession(target, sessionSettings(options.statementMs), attempt)
  } catch (error) {
    signal?.throwIfAborted()
    throw appErrorOf(classify(error, attempt.phase), target, error)
  }
  const wire = new Wire(session, target.name, options.statementMs + GRACE_MS)
  try {
    const ask = wire.asking(signal)
    const names = new Names()
    await names.learn(ask, { user: [], database: [], relation: [] })
    const facts = await readFacts(ask, target, session.socket, {
      roleLimits: names.roleLimits,
      ...(options.vcpus !== undefined && { vcpus: options.vcpus }),
    })
    return new HeldConnection(wire, target, names, facts)
  } catch (error) {
    await session.close()
    throw error
  }
}

/** Names resolve to the catalog only: nobody's own pg_stat_… function runs in our session. */
const sessionSettings = (statementMs: number): Record<string, string | number> => ({
  statement_timeout: statementMs,
  lock_timeout: LOCK_MS,
  default_transaction_read_only: 'on',
  search_path: 'pg_catalog',
  jit: 'off',
  max_parallel_workers_per_gather: 0,
})

class HeldConnection implements Connection {
  readonly facts: Facts
  readonly #wire: Wire
  readonly #target: PostgresTarget
  readonly #names: Names
  #before: Counters | undefined

  constructor(wire: Wire, target: PostgresTarget, names: Names, facts: Facts) {
    this.#wire = wire
    this.#target = target
    this.#names = names
    this.facts = facts
  }

  async sample(signal?: AbortSignal): Promise<Sample> {
    const ask = this.#wire.asking(signal)
    const { version, database } = this.facts
    const [row] = await ask<{ sample: RawSample }>(sampleSql(version, this.#names.databases))
    const raw = (row as { sample: RawSample }).sample
    const clients = [...raw.sessions, ...raw.idle]
    await this.#names.learn(ask, {
      user: clients.map(({ userId }) => userId),
      database: clients.map(({ databaseId }) => databaseId),
      relation: (raw.locks ?? []).filter(lock => lock.databaseId === database).map(lock => lock.relationId),
    })
    const sample = sampleOf(raw, this.#names, database)
    const signals = { ...rates(this.#before, raw.counters), ...gauges(sample, raw.connections) }
    this.#before = raw.counters
    return { ...sample, signals }
  }

  examine(signal?: AbortSignal): Promise<Check[]> {
    return examine(this.#wire.asking(signal), this.facts, this.facts.sameHost)
  }

  grants(role: string): string[] {
    return grants(this.facts.version, role)
  }

  act(action: Action, signal?: AbortSignal): Promise<ActionResult> {
    return endSession(this.#wire.asking(signal), action.session, this.#target.user)
  }

  get closed(): boolean {
    return this.#wire.closed
  }

  close(): Promise<void> {
    return this.#wire.close()
  }
}

const ignore = (): void => undefined

/** One statement at a time, each with a deadline. A late or aborted statement ends the connection: its answer is lost. */
class Wire {
  readonly #session: Session
  readonly #name: string
  readonly #deadlineMs: number
  #last: Promise<unknown> = Promise.resolve()

  constructor(session: Session, name: string, deadlineMs: number) {
    this.#session = session
    this.#name = name
    this.#deadlineMs = deadlineMs
  }

  asking(signal: AbortSignal | undefined): Ask {
    return <Row>(sql: string, values?: unknown[]) => {
      const turn = this.#last.then(() => this.#send<Row>(sql, values, signal))
      // Whoever comes next waits for the end of it, and keeps nothing of the answer.
      this.#last = turn.then(ignore, ignore)
      return turn
    }
  }

  async #send<Row>(
    sql: string,
    values: unknown[] | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Row[]> {
    const { client, socket } = this.#session
    signal?.throwIfAborted()
    if (this.closed) throw this.#lost('the connection is closed', undefined)
    try {
      const answer = client.query(sql, values)
      const { rows } = await within(this.#deadlineMs, signal, answer, () => socket.destroy())
      return rows as Row[]
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw this.#explained(error)
    }
  }

  #explained(error: unknown): unknown {
    if (error instanceof DeadlineError)
      return this.#late(`${error.message}, the connection was given up`, error)
    const { failure, native } = classify(error, 'query')
    const what = native.code === '' ? native.message : `${native.code}: ${native.message}`
    // A refusal of the server has an SQLSTATE; everything else is the wire.
    const isOver = failure === 'session-ended' || !isSqlState(native.code)
    if (isOver || this.closed) return this.#lost(what, error)
    return native.code === '42501' ? error : this.#late(what, error)
  }

  #lost(what: string, cause: unknown): AppError {
    this.#session.socket.destroy()
    const hint = 'the server ended the session or the network broke; connect again'
    return new AppError('connection-lost', `${this.#name}: ${what}`, hint, cause)
  }

  #late(what: string, cause: unknown): AppError {
    const hint = 'the server is starved or a system catalog is locked; the next sample may succeed'
    return new AppError('no-answer', `${this.#name}: ${what}`, hint, cause)
  }

  get closed(): boolean {
    return this.#session.socket.destroyed
  }

  close(): Promise<void> {
    return this.#session.close()
  }
}
