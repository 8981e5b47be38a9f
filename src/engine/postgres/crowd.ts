// Who is connected, remembered between samples, so that a sample reads only the sessions that may have changed.
//
// What makes that exact: a session leaves `idle`, `idle in transaction` and `idle in transaction (aborted)` only by a
// new statement, and its start is seen in every sample. One that was in a statement is looked at until it is not.
// Not seen at once, but at the next reading of everybody (REREAD_MS in sampler.ts): `track_activities` switched off
// within a session, and what a jump of the server's clock hides. One sample late: that a statement which ran during the
// sample before has left an aborted transaction; meanwhile the session counts as idle.
import type { SessionState } from '../../model/index.ts'
import { fingerprint, plain, redact } from './redact.ts'
import { type ActivityRow, EVER, type Header, maxLooks } from './sample.sql.ts'

/** A backend as it was last seen. Times are epoch microseconds of the server's clock. */
export interface Backend {
  pid: number
  /** A client's: it holds a slot. Not of replication, of the server itself, or a parallel worker. */
  client: boolean
  state: SessionState
  /** False while it is being set up: then it changes without a statement. */
  settled: boolean
  waitType: string | null
  waitEvent: string | null
  /** Equal for all of one user, database, host and application. */
  who: string
  userId: string | null
  databaseId: string | null
  application: string | null
  /** `local` for a Unix socket. */
  host: string | undefined
  /** Works for a client's statement in parallel. */
  worker: boolean
  /** Its leader, since 13. */
  leader: number | null
  startedAt: number | null
  transactionAt: number | null
  statementAt: number | null
  changedAt: number | null
  /** ISO 8601 of `startedAt`, to the microsecond. */
  openedAt: string | undefined
  /** Redacted; empty where there is none to be seen. */
  statement: string
  statementId: string
}

export class Crowd {
  readonly backends = new Map<number, Backend>()
  /** Who must be looked at next time: what they are now is not settled. */
  recheck: number[] = []
  /** When the last sample began, by the server's clock. */
  at = 0
  #settled = false
  #changed = 0
  #sessions = 0

  /** Nothing older needs to be looked at by the next sample. */
  get since(): string {
    return this.#settled ? isoOf(this.at) : EVER
  }

  /** So many may have changed that everybody is read at once. */
  get everybody(): boolean {
    return !this.#settled || Math.max(this.#changed, this.recheck.length) > maxLooks(this.#sessions)
  }

  /** Forgets what is settled: the next sample reads everybody. */
  forget(): void {
    this.#settled = false
  }

  /** So many changed, of so many: decides how they are read next. */
  expect({ changed, sessions }: Header): void {
    this.#changed = changed
    this.#sessions = sessions
  }

  /**
   * Takes in one answer. `waiting` were left out of it, since they are known to wait for a lock, of that kind. True when
   * nobody came or left unseen; otherwise it must `meet()` who is there.
   */
  take(header: Header, rows: readonly ActivityRow[], waiting: ReadonlyMap<number, string>): boolean {
    if (this.since === EVER) this.backends.clear()
    const looked = new Set<number>()
    for (const row of rows) {
      looked.add(row.pid)
      this.backends.set(row.pid, backendOf(row, this.backends.get(row.pid)))
    }
    // A clock that jumped back would hide what happened since.
    this.#settled = header.at >= this.at
    this.at = header.at
    this.expect(header)
    this.recheck = []
    for (const backend of this.backends.values()) {
      const kind = waiting.get(backend.pid)
      if (looked.has(backend.pid)) continue
      if (kind === undefined) this.#ended(backend, header.at)
      else if (backend.waitEvent !== kind) Object.assign(backend, { waitType: 'Lock', waitEvent: kind })
    }
    for (const backend of this.backends.values()) {
      if (backend.client && !backend.settled) this.recheck.push(backend.pid)
    }
    return this.#complete(header)
  }

  /** No transaction any more, and no new statement: what it did, it ended since the last sample. */
  #ended(backend: Backend, at: number): void {
    if (!backend.client || (backend.state !== 'active' && backend.state !== 'idle in transaction')) return
    Object.assign(backend, {
      state: 'idle',
      waitType: null,
      waitEvent: null,
      transactionAt: null,
      changedAt: at,
    })
    this.recheck.push(backend.pid)
  }

  /** Who came is among those that were looked at, unless hidden. */
  #complete({ sessions, pids }: Header): boolean {
    if (this.backends.size !== sessions) return false
    return pids === null || pids === [...this.backends.keys()].reduce((sum, pid) => sum + pid, 0)
  }

  /** Forgets who left. False when somebody came unseen: to be looked at. */
  meet(present: readonly number[]): boolean {
    const all = new Set(present)
    for (const pid of this.backends.keys()) if (!all.has(pid)) this.backends.delete(pid)
    const unknown = present.filter(pid => !this.backends.has(pid))
    this.recheck.push(...unknown)
    return unknown.length === 0
  }
}

/** ISO 8601 to the microsecond. */
const isoOf = (micros: number): string => {
  const seconds = new Date(Math.floor(micros / 1_000_000) * 1_000).toISOString().slice(0, -'.000Z'.length)
  return `${seconds}.${String(Math.round(micros % 1_000_000)).padStart(6, '0')}Z`
}

const backendOf = (row: ActivityRow, before: Backend | undefined): Backend => {
  const known = before?.startedAt === row.startedAt ? before : undefined
  const isSame = known !== undefined && known.statementAt === row.statementAt && row.query === null
  const { statement, statementId } = isSame ? known : statementOf(row)
  const userId = row.userId === null ? null : once(String(row.userId))
  const databaseId = row.databaseId === null ? null : once(String(row.databaseId))
  const application = applicationOf(row, known)
  const host = once(row.host ?? (row.port === -1 ? 'local' : undefined))
  return {
    pid: row.pid,
    client: isClient(row),
    state: stateOf(row),
    settled: row.type === null || (row.state !== null && row.state !== 'starting'),
    waitType: once(row.waitType),
    waitEvent: once(row.waitEvent),
    who: once(`${userId} ${databaseId} ${host} ${application}`),
    userId,
    databaseId,
    application,
    host,
    worker: row.type === 'parallel worker',
    leader: row.leader,
    startedAt: row.startedAt,
    transactionAt: row.transactionAt,
    statementAt: row.statementAt,
    changedAt: row.changedAt,
    openedAt: known?.openedAt ?? (row.startedAt === null ? undefined : isoOf(row.startedAt)),
    statement,
    statementId,
  }
}

/** A session may give itself another one at any time. */
const applicationOf = ({ application }: ActivityRow, known: Backend | undefined): string | null => {
  if (application === null) return null
  return known?.application === application ? known.application : once(plain(application))
}

/** Few names on many sessions of many servers: each is kept once, as far as there are not too many. */
const NAMES = new Map<unknown, unknown>()
const MOST_NAMES = 10_000

const once = <Text extends string | null | undefined>(text: Text): Text => {
  const known = NAMES.get(text)
  if (known !== undefined) return known as Text
  if (NAMES.size >= MOST_NAMES) NAMES.clear()
  NAMES.set(text, text)
  return text
}

/**
 * Client backends only: they hold the slots. Sessions of other roles hide their type from a role without pg_monitor, so
 * that one with a user and a database counts. A parallel worker is load in Performance Insights, but holds no slot and
 * shares its leader's fate: left out.
 */
const isClient = ({ type, userId, databaseId }: ActivityRow): boolean =>
  type === 'client backend' || (type === null && userId !== null && databaseId !== null)

/** `disabled` means track_activities is off for that session: nobody can see what it does. 18 has `starting`. */
const stateOf = ({ type, state, userId }: ActivityRow): SessionState => {
  if (type === null) return 'unknown'
  switch (state) {
    case 'active':
    case 'fastpath function call':
      return 'active'
    case 'idle':
    case 'idle in transaction':
    case 'idle in transaction (aborted)':
    case 'starting':
      return state
    default:
      return state === null && userId === null ? 'starting' : 'unknown'
  }
}

const statementOf = ({ type, query, queryId }: ActivityRow): Pick<Backend, 'statement' | 'statementId'> => {
  const statement = type === null || query === null ? '' : redact(query)
  if (queryId !== null && queryId !== '0') return { statement, statementId: queryId }
  return { statement, statementId: statement === '' ? '' : fingerprint(statement) }
}
