// The held connection: opened in peace and kept, because during the incident nobody gets another one.
import { setTimeout as sleep } from 'node:timers/promises'
import { newAttempt } from '../../dial/index.ts'
import type { Action, ActionResult, Check, Connection, Sample } from '../../model/index.ts'
import { endSession } from './act.ts'
import { Blocking, type RawTransaction } from './blocking.ts'
import { classify } from './classify.ts'
import { type Counters, isApart, levels, rates } from './counters.ts'
import { examine } from './doctor.ts'
import { type Facts, readFacts } from './facts.ts'
import { appErrorOf } from './failure.ts'
import { grants } from './grants.ts'
import { Failures } from './hostcache.ts'
import { Names } from './names.ts'
import { APPLICATION, openSession, type Session } from './open.ts'
import { type Own, remember } from './probe.ts'
import { sampleSql } from './sample.sql.ts'
import {
  gauges,
  isClient,
  type RawSession,
  type RawStatement,
  rawOf,
  type Shown,
  sampleOf,
} from './sample.ts'
import { Seen } from './seen.ts'
import { limitsOf, type RawLimits } from './slots.ts'
import type { MysqlTarget } from './target.ts'
import { Wire } from './wire.ts'

export interface ConnectOptions {
  /** Bound of each phase of connecting, milliseconds. */
  connectMs: number
  /** Bound of each statement on the server, milliseconds. */
  statementMs: number
  vcpus?: number
}

/** How much longer than the server the client waits, milliseconds: a stopped server never fires its own deadline. */
const GRACE_MS = 500

/** Most characters of statements in one sample, all sessions together. */
const MAX_TEXT = 500_000

/** Throws AppError; an abort throws the signal's reason. */
export const connect = async (
  target: MysqlTarget,
  options: ConnectOptions,
  own: Own,
  signal: AbortSignal | undefined,
): Promise<Connection> => {
  const attempt = newAttempt(options.connectMs, signal)
  let session: Session
  try {
    session = await openSession(target, attempt)
  } catch (error) {
    signal?.throwIfAborted()
    throw appErrorOf(classify(error, attempt.phase), target, error)
  }
  remember(own, session.id)
  const wire = new Wire(session, target.name, options.statementMs + GRACE_MS)
  try {
    const ask = wire.asking(signal)
    const facts = await readFacts(ask, target, session, options.vcpus)
    await ask(settingsSql(facts.flags.mariaDb, options.statementMs))
    return new HeldConnection(wire, facts, session, own)
  } catch (error) {
    await session.close()
    throw error
  }
}

/** The session is read only, gives up soon, reads names in no mode but the default, and ends when nobody asks any more. */
const settingsSql = (mariaDb: boolean, statementMs: number): string => `/* spillway */ set
  ${mariaDb ? `max_statement_time = ${statementMs / 1_000}` : `max_execution_time = ${statementMs}`},
  lock_wait_timeout = 1, innodb_lock_wait_timeout = 1, wait_timeout = 120, time_zone = 'SYSTEM', sql_mode = '',
  sql_select_limit = default, autocommit = 1;
/* spillway */ set session transaction read only`

type Answers = [
  (RawSession | Shown)[],
  RawStatement[],
  RawTransaction[],
  StatusRow[],
  { deadlocks: string }[],
  RawLimits[],
]

interface StatusRow {
  Variable_name: string
  Value: string
}

class HeldConnection implements Connection {
  readonly facts: Facts
  readonly #wire: Wire
  readonly #session: Session
  readonly #own: Own
  readonly #names = new Names()
  readonly #seen = new Seen()
  readonly #failures = new Failures()
  readonly #blocking: Blocking
  #before: Counters | undefined
  /** Once there was more text than anybody reads, the server cuts it. */
  #isWordy = false

  constructor(wire: Wire, facts: Facts, session: Session, own: Own) {
    this.#wire = wire
    this.#session = session
    this.#own = own
    this.facts = facts
    this.#blocking = new Blocking(facts.flags)
  }

  async sample(signal?: AbortSignal): Promise<Sample> {
    const ask = this.#wire.asking(signal)
    const { flags, startedAt, target } = this.facts
    const askedAt = performance.now()
    const isOver = () => this.closed
    const wanted = { transactions: this.#blocking.restMs() === 0, bounded: this.#isWordy }
    const answers = (await ask<unknown>(sampleSql(flags, wanted))) as Answers
    const [rows, statements, open, status, deadlocks, [limitRow]] = answers
    const clients = rows.map(rawOf).filter(isClient)
    this.#isWordy ||= clients.reduce((sum, { info }) => sum + (info?.length ?? 0), 0) > MAX_TEXT
    const ids = new Set(clients.map(({ id }) => String(id)))
    await this.#names.learn(ask, flags, ids, isOver)
    this.#seen.look(ids)
    const others = clients.filter(({ id }) => !this.#isOwn(String(id)))
    if (wanted.transactions) await this.#blocking.read(ask, open, askedAt, isOver)
    const blocked = await this.#blocking.blocked(ask, others, isOver)
    const { sessions, idle } = sampleOf({
      sessions: others,
      statements,
      transactions: this.#blocking.transactions,
      blocked,
      names: this.#names,
      startedAt,
      isUnused: (id, idleMs) => this.#seen.isUnused(id, idleMs),
    })
    const limits = limitsOf(limitRow as RawLimits, this.#names.accountLimits, [
      ...new Set(others.flatMap(({ user }) => user ?? [])),
      target.user ?? '',
    ])
    const counters = countersOf(status, deadlocks, limitRow as RawLimits)
    const signals = { ...levels(counters), ...gauges({ sessions, idle }, limits, counters.Threads_connected) }
    if (!isApart(this.#before, counters)) return { sessions, idle, signals, limits }
    const failures = await this.#failures.since(ask, flags, this.#before, counters, this.#own)
    Object.assign(signals, rates(this.#before, counters))
    this.#before = counters
    return { sessions, idle, signals, limits, ...(failures.length > 0 && { failures }) }
  }

  #isOwn(id: string): boolean {
    return this.#own.sessions.includes(id) || this.#names.application(id) === APPLICATION
  }

  examine(signal?: AbortSignal): Promise<Check[]> {
    return examine(this.#wire.asking(signal), this.facts, this.#session.verified)
  }

  grants(role: string): string[] {
    return grants(this.facts, role)
  }

  async act(action: Action, signal?: AbortSignal): Promise<ActionResult> {
    // The deed looks at the open transactions itself, and wants to see those of now.
    const restMs = this.#blocking.restMs()
    if (restMs > 0) await sleep(restMs, undefined, signal ? { signal } : {})
    return endSession(this.#wire.asking(signal), action.session, this.facts, this.#own.sessions)
  }

  get closed(): boolean {
    return this.#wire.closed
  }

  close(): Promise<void> {
    return this.#wire.close()
  }
}

const countersOf = (status: StatusRow[], [metric]: { deadlocks: string }[], { at }: RawLimits): Counters => ({
  ...Object.fromEntries(status.map(({ Variable_name, Value }) => [Variable_name, Number(Value)])),
  ...(metric !== undefined && { Innodb_deadlocks: Number(metric.deadlocks) }),
  at: Number(at),
})
