// Through a pooler (PgBouncer, RDS Proxy and the like): the session behind a statement may be another one each time, so
// every statement brings its settings with it, in one message of the simple protocol and without a name.
import pg from 'pg'
import type { Attempt } from '../../dial/index.ts'
import { classify } from './classify.ts'
import type { Ask } from './names.ts'
import { openSession, type Session } from './open.ts'
import type { PostgresTarget } from './target.ts'

export type Settings = Record<string, string | number>

/** What stands between. */
export interface Pooler {
  /** `address:port` of the server as the pooler reaches it; absent for a Unix socket. */
  server?: string
}

/** Targets whose peer takes no settings at login, which only poolers do: they are not asked again. */
const SETTLED = new WeakSet<PostgresTarget>()

/** As openSession(); without the settings where the peer refuses them. */
export const openAnyway = async (
  target: PostgresTarget,
  settings: Settings,
  attempt: Attempt,
): Promise<Session> => {
  if (!SETTLED.has(target)) {
    try {
      return await openSession(target, settings, attempt)
    } catch (error) {
      if (!refusesSettings(error)) throw error
      SETTLED.add(target)
      attempt.phaseMs = {} // the second one is the one that counts
    }
  }
  return openSession(target, {}, attempt)
}

/** PgBouncer, which knows a few startup parameters only; RDS Proxy. */
const refusesSettings = (error: unknown): boolean => {
  const { native } = classify(error, 'authenticate')
  return (
    (native.code === '08P01' && /^unsupported startup parameter/i.test(native.message)) ||
    (native.code === '0A000' &&
      /RDS Proxy currently doesn.t support (?:the option|command-line)/.test(native.message))
  )
}

/**
 * Undefined for a session of one's own: the key to cancel it carries the number of the server's process. A pooler hands
 * out keys of its own making, in session mode too.
 */
export const poolerOf = async (
  ask: Ask,
  { client }: Session,
  target: PostgresTarget,
): Promise<Pooler | undefined> => {
  const [row] = await ask<{ pid: number; server: string | null }>(PEER)
  const { processID } = client as pg.Client & { processID: number | null }
  if (row === undefined || (row.pid === processID && !SETTLED.has(target))) return undefined
  return row.server === null ? {} : { server: row.server }
}

const PEER = `/* spillway */ select pg_backend_pid() as pid, case family(inet_server_addr())
  when 6 then '[' || host(inet_server_addr()) || ']' else host(inet_server_addr()) end || ':' || inet_server_port() as server`

/**
 * Runs one statement in a transaction of its own with these settings. The statements of one message are one transaction:
 * when it fails nothing is left open, and a pooler in statement mode takes it for one statement.
 */
export const queryPooled = async (
  client: pg.Client,
  settings: Settings,
  { text, values = [] }: pg.QueryConfig,
): Promise<pg.QueryResult> => {
  const own = Object.entries(settings).map(
    ([name, value]) => `set local ${localName(name)} = ${literal(value)};`,
  )
  const statement = text.replace(/\$(\d+)/g, (_, n: string) => literal((values as unknown[])[Number(n) - 1]))
  const results = (await client.query(`${own.join(' ')} ${statement}`)) as unknown as pg.QueryResult[]
  return results.at(-1)!
}

/** What a session defaults to is too late for a transaction that has begun. */
const localName = (name: string): string =>
  name === 'default_transaction_read_only' ? 'transaction_read_only' : name

const literal = (value: unknown): string => {
  if (value === null || value === undefined) return 'null'
  if (!Array.isArray(value)) return pg.escapeLiteral(String(value))
  return `array[${value.map(literal).join(', ')}]::text[]`
}
