// The held connection: opened in peace and kept, because during the incident nobody gets another one.

import type { QueryConfig } from 'pg'
import { DeadlineError, newAttempt, type Verification, within } from '../../dial/index.ts'
import {
  type Action,
  type ActionResult,
  AppError,
  type Check,
  type Connection,
  type Sample,
  type Setting,
  type SettingChange,
  type Whose,
} from '../../model/index.ts'
import { actOn } from './act.ts'
import { classify, isSqlState } from './classify.ts'
import { examine } from './doctor.ts'
import { type Facts, readFacts } from './facts.ts'
import { appErrorOf } from './failure.ts'
import { grants } from './grants.ts'
import { marked } from './mark.ts'
import { type Ask, Names } from './names.ts'
import type { Session } from './open.ts'
import { openAnyway, poolerOf, queryPooled, type Settings } from './pooled.ts'
import { KEEP_MEMORY_SQL } from './sample.sql.ts'
import { Sampler } from './sampler.ts'
import { readSetting, setParameter } from './setting.ts'
import { StatementCounts } from './statements.ts'
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
  const settings = sessionSettings(options.statementMs)
  const attempt = newAttempt(options.connectMs, signal)
  let session: Session
  try {
    session = await openAnyway(target, settings, attempt)
  } catch (error) {
    signal?.throwIfAborted()
    throw appErrorOf(classify(error, attempt.phase, 'tls' in attempt.phaseMs), target, error)
  }
  const wire = new Wire(session, target.name, options.statementMs + GRACE_MS)
  try {
    const ask = wire.asking(signal)
    const pooler = await poolerOf(ask, session, target)
    if (pooler !== undefined) wire.settings = settings
    const names = new Names()
    await names.learn(ask, { user: [], database: [], relation: [] })
    const facts = await readFacts(ask, target, session.socket, {
      roleLimits: names.roleLimits,
      ...(options.vcpus !== undefined && { vcpus: options.vcpus }),
      ...(pooler !== undefined && { pooler }),
    })
    // Behind a pooler the server may be another one each time: nothing is kept there by name.
    const prepared = pooler === undefined
    if (prepared) await keepMemory(ask, wire, signal)
    return new HeldConnection(wire, target, facts, new Sampler(facts, names, prepared))
  } catch (error) {
    await session.close()
    throw error
  }
}

/** Only makes samples cheaper: a server that refuses it is no reason to go. */
const keepMemory = async (ask: Ask, wire: Wire, signal: AbortSignal | undefined): Promise<void> => {
  try {
    await ask(KEEP_MEMORY_SQL)
  } catch (error) {
    signal?.throwIfAborted()
    if (wire.closed) throw error
  }
}

/** Names resolve to the catalog only: nobody's own pg_stat_… function runs in our session. */
const sessionSettings = (statementMs: number): Settings => ({
  statement_timeout: statementMs,
  lock_timeout: LOCK_MS,
  default_transaction_read_only: 'on',
  search_path: 'pg_catalog',
  jit: 'off',
  max_parallel_workers_per_gather: 0,
  plan_cache_mode: 'force_generic_plan',
})

class HeldConnection implements Connection {
  readonly facts: Facts
  readonly #wire: Wire
  readonly #target: PostgresTarget
  readonly #sampler: Sampler
  readonly #statements = new StatementCounts()

  constructor(wire: Wire, target: PostgresTarget, facts: Facts, sampler: Sampler) {
    this.#wire = wire
    this.#target = target
    this.facts = facts
    this.#sampler = sampler
  }

  async sample(signal?: AbortSignal): Promise<Sample> {
    const ask = this.#wire.asking(signal)
    const sample = await this.#sampler.sample(ask)
    const statements = await this.#statements.read(ask)
    return { ...sample, ...(statements && { statements }) }
  }

  examine(signal?: AbortSignal): Promise<Check[]> {
    return examine(this.#wire.asking(signal), this.facts, this.#wire.verified)
  }

  grants(role: string): string[] {
    return grants(this.facts.version, role)
  }

  setting(name: string, whose?: Whose, signal?: AbortSignal): Promise<Setting> {
    return readSetting(this.#wire.asking(signal), name, whose)
  }

  async act(action: Action | SettingChange, signal?: AbortSignal): Promise<ActionResult> {
    const ask = this.#wire.asking(signal)
    if (action.kind !== 'set') return actOn(ask, action, this.#target.user)
    if (this.facts.pooler !== undefined) throw behindPooler(this.#target.name)
    return setParameter(ask, action, this.#target.user)
  }

  get closed(): boolean {
    return this.#wire.closed
  }

  close(): Promise<void> {
    return this.#wire.close()
  }
}

const behindPooler = (name: string): AppError =>
  new AppError(
    'step-refused',
    `${name} is a pooler: nothing is set through it`,
    'Name the server itself as the target.',
  )

const ignore = (): void => undefined

/** One statement at a time, each with a deadline. A late or aborted statement ends the connection: its answer is lost. */
class Wire {
  /** Every statement brings them with it, where no session keeps them. */
  settings: Settings | undefined
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
    return <Row>(sql: string, values?: unknown[], name?: string) => {
      const turn = this.#last.then(() =>
        this.#send<Row>({ text: marked(sql), ...(values && { values }), ...(name && { name }) }, signal),
      )
      // Whoever comes next waits for the end of it, and keeps nothing of the answer.
      this.#last = turn.then(ignore, ignore)
      return turn
    }
  }

  async #send<Row>(statement: QueryConfig, signal: AbortSignal | undefined): Promise<Row[]> {
    const { client, socket } = this.#session
    signal?.throwIfAborted()
    if (this.closed) throw this.#lost('the connection is closed', undefined)
    try {
      const { settings } = this
      const answer = settings ? queryPooled(client, settings, statement) : client.query(statement)
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

  /** How the server's certificate was checked; absent when nothing is encrypted. */
  get verified(): Verification | undefined {
    return this.#session.verified
  }

  get closed(): boolean {
    return this.#session.socket.destroyed
  }

  close(): Promise<void> {
    return this.#session.close()
  }
}
