// One held console connection; each look is a few SHOW commands, and says only what is new.
import { AppError, type EvidenceEvent, type Testimony, type Witness } from '../../model/index.ts'
import { type Answers, type Pooler, poolerOf, type Row } from './pool.ts'
import { queueOf } from './queue.ts'
import { type Sign, signsOf } from './sign.ts'

/** A session of the admin console, handed in. `ask` has a deadline and speaks the simple protocol. */
interface Console {
  ask(sql: string, signal?: AbortSignal): Promise<Row[]>
  readonly closed: boolean
  close(): Promise<void>
}

export interface PgbouncerOptions {
  /** For people. */
  name: string
  /** Opens a session of the console. Throws AppError. */
  open(signal?: AbortSignal): Promise<Console>
  /** Epoch milliseconds. */
  now(): number
}

/** Settings are read again after this, milliseconds. */
const SETTINGS_MS = 30_000
/** Who waits is asked for at most this often, milliseconds: the answer has a row for each client. */
const QUEUE_MS = 5_000
/** More clients than this are not listed. */
const MOST_CLIENTS = 5_000
/** Pause after a console that could not be opened or was lost, milliseconds. */
const RETRY_MS = 5_000

export const pgbouncer = (options: PgbouncerOptions): PgbouncerWitness => new PgbouncerWitness(options)

class PgbouncerWitness implements Witness {
  readonly name: string
  readonly #options: PgbouncerOptions
  #console: Console | undefined
  #retryAt = 0
  #settings: (Pick<Answers, 'config'> & { readAt: number }) | undefined
  #queueAskedAt = 0
  #known = new Set<string>()

  constructor(options: PgbouncerOptions) {
    this.name = options.name
    this.#options = options
  }

  /** Never throws for a pooler that is out of reach: that it is, is what there is to say. */
  async hear(signal?: AbortSignal): Promise<Testimony> {
    const now = this.#options.now()
    if (now < this.#retryAt) return testimony([])
    try {
      const pooler = await this.look(signal)
      const queue = await this.#queue(pooler, signal)
      return testimony([
        ...this.#news(signsOf(pooler), now),
        ...queue.map(message => event(now, 'queue', message)),
      ])
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof AppError)) throw error
      await this.close()
      this.#retryAt = now + RETRY_MS
      return testimony(this.#news([{ kind: 'unreachable', about: '', message: error.message }], now))
    }
  }

  /** Everything the console shows now. Throws AppError; `not-this-engine` for a console that is none. */
  async look(signal?: AbortSignal): Promise<Pooler> {
    if (!this.#console || this.#console.closed) this.#console = await this.#options.open(signal)
    const ask = this.#asking(this.#console, signal)
    const now = this.#options.now()
    if (!this.#settings || now >= this.#settings.readAt + SETTINGS_MS) {
      this.#settings = { config: await ask('CONFIG'), readAt: now }
    }
    return poolerOf({
      config: this.#settings.config,
      databases: await ask('DATABASES'),
      pools: await ask('POOLS'),
      lists: await ask('LISTS'),
      stats: await ask('STATS'),
    })
  }

  async close(): Promise<void> {
    const held = this.#console
    this.#console = undefined
    await held?.close()
  }

  #asking(held: Console, signal: AbortSignal | undefined): (what: string) => Promise<Row[]> {
    return async what => {
      try {
        return await held.ask(`SHOW ${what}`, signal)
      } catch (error) {
        if (error instanceof AppError || signal?.aborted) throw error
        throw new AppError(
          'not-this-engine',
          `${this.name}: SHOW ${what} is refused`,
          'connect to the database pgbouncer, as a user of admin_users or stats_users',
          error,
        )
      }
    }
  }

  async #queue(pooler: Pooler, signal: AbortSignal | undefined): Promise<string[]> {
    const now = this.#options.now()
    const waiting = pooler.pools.reduce((sum, { clients }) => sum + clients.waiting, 0)
    const isDue = now >= this.#queueAskedAt + QUEUE_MS
    if (waiting === 0 || !isDue || pooler.clients.used > MOST_CLIENTS || !this.#console) return []
    this.#queueAskedAt = now
    return queueOf(await this.#asking(this.#console, signal)('CLIENTS'))
  }

  /** Signs that were not there at the last look, and those that have gone. */
  #news(
    signs: (Sign | { kind: 'unreachable'; about: string; message: string })[],
    t: number,
  ): EvidenceEvent[] {
    const known = this.#known
    this.#known = new Set(signs.map(({ kind, about }) => `${kind} ${about}`))
    const gone = [...known].filter(name => !this.#known.has(name))
    return [
      ...signs
        .filter(({ kind, about }) => !known.has(`${kind} ${about}`))
        .map(({ kind, message }) => event(t, kind, message)),
      ...gone.map(name => event(t, 'over', `over: ${name.trim()}`)),
    ]
  }
}

const event = (t: number, kind: string, message: string): EvidenceEvent => ({
  t,
  source: 'pgbouncer',
  kind,
  message,
})

const testimony = (events: EvidenceEvent[]): Testimony => ({
  failures: [],
  events,
  complete: false,
  notes: [],
})
