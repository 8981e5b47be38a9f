// The held connection: opened in peace and kept, because during the incident nobody gets another one.
import { setTimeout as sleep } from 'node:timers/promises'
import { newAttempt } from '../../dial/index.ts'
import type {
  Action,
  ActionResult,
  Check,
  Connection,
  Limits,
  Sample,
  Setting,
  SettingChange,
  Whose,
} from '../../model/index.ts'
import { actOn } from './act.ts'
import { Blocking } from './blocking.ts'
import { classify } from './classify.ts'
import { examine } from './doctor.ts'
import { type Facts, readFacts } from './facts.ts'
import { appErrorOf } from './failure.ts'
import { grants } from './grants.ts'
import { type Look, Onlooker } from './look.ts'
import { Names } from './names.ts'
import { APPLICATION, openSession, type Session } from './open.ts'
import { type Own, remember } from './probe.ts'
import { readLag } from './replica.ts'
import { gauges, sampleOf } from './sample.ts'
import { Seen } from './seen.ts'
import { readSetting, setVariable } from './setting.ts'
import { limitsOf } from './slots.ts'
import { Statements } from './statements.ts'
import { Status } from './status.ts'
import type { MysqlTarget } from './target.ts'
import { type Ask, perhaps, Wire } from './wire.ts'

export interface ConnectOptions {
  /** Bound of each phase of connecting, milliseconds. */
  connectMs: number
  /** Bound of each statement on the server, milliseconds. */
  statementMs: number
  vcpus?: number
}

/** How much longer than the server the client waits, milliseconds: a stopped server never fires its own deadline. */
const GRACE_MS = 500

/** Share of the slots from which on they run short. */
const TIGHT = 0.9

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

class HeldConnection implements Connection {
  readonly facts: Facts
  readonly #wire: Wire
  readonly #session: Session
  readonly #own: Own
  readonly #names = new Names()
  readonly #seen = new Seen()
  readonly #statements: Statements
  readonly #onlooker: Onlooker
  readonly #status: Status
  readonly #blocking: Blocking
  /** Connections that the server counts and does not show. */
  #unseen = 0

  constructor(wire: Wire, facts: Facts, session: Session, own: Own) {
    this.#wire = wire
    this.#session = session
    this.#own = own
    this.facts = facts
    this.#onlooker = new Onlooker(facts.flags, String(session.id))
    this.#status = new Status(facts.flags, own)
    this.#statements = new Statements(facts.flags.mariaDb)
    this.#blocking = new Blocking(facts.flags)
  }

  async sample(signal?: AbortSignal): Promise<Sample> {
    const asks = { once: this.#wire.asking(signal), again: this.#wire.askingAgain(signal) }
    const askedAt = performance.now()
    const isOver = () => this.closed
    const look = await this.#onlooker.look(asks, this.#blocking.restMs() === 0, this.#own.logins)
    const { clients, statements, transactions } = look
    if (look.isFresh) {
      const ids = new Set(clients.map(({ id }) => String(id)))
      await this.#names.learn(asks.once, this.facts.flags, ids, isOver)
      this.#seen.look(ids)
    }
    const others = clients.filter(({ id }) => !this.#isOwn(String(id)))
    if (transactions) await this.#blocking.read(asks.once, transactions, askedAt, isOver)
    const { sessions, idle } = sampleOf({
      sessions: others,
      statements,
      transactions: this.#blocking.transactions,
      blocked: await this.#blocking.blocked(asks.once, others, isOver),
      names: this.#names,
      startedAt: this.facts.startedAt,
      idleMs: look.idleMs,
      isUnused: (id, idleMs) => this.#seen.isUnused(id, idleMs),
    })
    const users = [...new Set(others.flatMap(({ user }) => user ?? [])), this.facts.target.user ?? '']
    const limits = limitsOf(look.limits, this.#names.accountLimits, users)
    return { sessions, idle, limits, ...(await this.#count(asks.once, look, { sessions, idle }, limits)) }
  }

  /** What is counted rather than seen. */
  async #count(
    ask: Ask,
    { clients, runningMs }: Look,
    seen: Pick<Sample, 'sessions' | 'idle'>,
    limits: Limits,
  ): Promise<Pick<Sample, 'signals' | 'failures' | 'statements'>> {
    const { seesAll, flags } = this.facts
    const isOver = () => this.closed
    const isTight = clients.length >= TIGHT * limits.maxConnections
    // Who sees his own sessions only has to ask how many there are.
    const counted = await perhaps(this.#status.read(ask, seesAll ? clients.length : 0, isTight), isOver)
    const unseen = counted === undefined ? this.#unseen : counted.connections - clients.length
    if (unseen !== this.#unseen) this.#onlooker.forget()
    this.#unseen = unseen
    const now = performance.now()
    const isDue = flags.summaries && this.#statements.isDue(now)
    const done = isDue ? await perhaps(this.#statements.read(ask, runningMs, now), isOver) : undefined
    // With the counters: that is often enough.
    const behind = counted ? await perhaps(readLag(ask, this.#own), isOver) : undefined
    const connections = seesAll ? clients.length : clients.length + this.#unseen
    const signals = {
      ...counted?.signals,
      ...behind,
      ...gauges(seen, limits, connections),
      ...(done?.aas !== undefined && { aas_exact: done.aas }),
    }
    return {
      signals,
      ...(counted !== undefined && counted.failures.length > 0 && { failures: counted.failures }),
      ...(done !== undefined && { statements: done.statements }),
    }
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

  setting(name: string, whose?: Whose, signal?: AbortSignal): Promise<Setting> {
    return readSetting(this.#wire.asking(signal), this.facts, name, whose)
  }

  async act(action: Action | SettingChange, signal?: AbortSignal): Promise<ActionResult> {
    if (action.kind === 'set') return setVariable(this.#wire.asking(signal), this.facts, action)
    // The deed looks at the open transactions itself, and wants to see those of now.
    const restMs = this.#blocking.restMs()
    if (restMs > 0) await sleep(restMs, undefined, signal ? { signal } : {})
    return actOn(this.#wire.asking(signal), action, this.facts, this.#own.sessions)
  }

  get closed(): boolean {
    return this.#wire.closed
  }

  close(): Promise<void> {
    return this.#wire.close()
  }
}
