// The server's answers to the sampling statements, in the common words.
import {
  type IdleGroup,
  type Limits,
  type SessionSample,
  type SessionState,
  type Signals,
  usableSlots,
  WAIT_CLASSES,
} from '../../model/index.ts'
import { type Blocked, type Transaction, tableLock } from './lock.ts'
import type { Names } from './names.ts'
import { fingerprint, plain, redact } from './redact.ts'
import { instrumentedWait, waitClassOf } from './wait.ts'

/** A row of `threads` or of the process list; numbers may come as text. */
export interface RawSession {
  id: string | number
  user: string | null
  host: string | null
  db: string | null
  command: string | null
  /** Time in this state, or of this statement. */
  ms: string | number | null
  isLocal: string | number | null
  state: string | null
  info: string | null
  /** Instrument of what it waits for at the moment; where that is looked at. */
  wait?: string | null
}

/** A row of `SHOW FULL PROCESSLIST`. */
export interface Shown {
  Id: string | number
  User: string | null
  Host: string | null
  db: string | null
  Command: string | null
  Time: string | number | null
  State: string | null
  Info: string | null
}

export const rawOf = (row: RawSession | Shown): RawSession => {
  if (!('Id' in row)) return row
  const {
    Id: id,
    User: user,
    Host: host,
    db,
    Command: command,
    Time: seconds,
    State: state,
    Info: info,
  } = row
  const isLocal = host?.includes(':') === true ? 0 : 1
  return { id, user, host, db, command, ms: Number(seconds ?? 0) * 1_000, isLocal, state, info }
}

/** A running statement of a session. */
export interface RawStatement {
  id: string | number
  digest: string | null
  ms: string | number | null
  /** One inside a procedure comes after the call. */
  event: string | number
}

export interface Scene {
  sessions: readonly RawSession[]
  statements: readonly RawStatement[]
  transactions: readonly Transaction[]
  /** Waiters by session id. */
  blocked: ReadonlyMap<string, Blocked>
  names: Names
  /** The server's start, ISO 8601. */
  startedAt: string
  /** For how long a session has been idle. */
  idleMs: (raw: RawSession) => number
  /** Whether a session was used only right after it was opened; undefined when nobody saw it open. */
  isUnused: (id: string, idleMs: number) => boolean | undefined
}

/** Not of a client: replicas' own threads, the scheduler, daemons. */
export const INTERNAL_USERS = ['system user', 'event_scheduler']
const INTERNAL_COMMANDS = /^(Daemon|Connect Out|Slave_|Delayed insert)/

export const isClient = ({ user, command }: RawSession): boolean =>
  !(INTERNAL_USERS.includes(user ?? '') || INTERNAL_COMMANDS.test(command ?? ''))

export const sampleOf = (scene: Scene): { sessions: SessionSample[]; idle: IdleGroup[] } => {
  const inOrder = [...scene.statements].sort((a, b) => Number(a.event) - Number(b.event))
  const statements = new Map(inOrder.map(row => [String(row.id), row]))
  const transactions = new Map(scene.transactions.map(row => [row.id, row]))
  const idle = new Map<string, Idle>()
  const sessions: SessionSample[] = []
  for (const raw of scene.sessions) {
    const id = String(raw.id)
    const transaction = transactions.get(id)
    const state = stateOf(raw, transaction !== undefined)
    if (state === 'idle') addIdle(idle, scene, raw)
    else sessions.push(sessionOf(scene, raw, state, transaction, statements.get(id)))
  }
  return { sessions, idle: [...idle.values()].map(groupOf) }
}

/** A replica that reads the binary log holds a slot, and is no load. */
const IDLE = /^(Sleep|Binlog Dump)/

const stateOf = ({ command, user, info }: RawSession, hasTransaction: boolean): SessionState => {
  if (IDLE.test(command ?? '')) return hasTransaction && command === 'Sleep' ? 'idle in transaction' : 'idle'
  const isLoggingIn =
    user === null || user === 'unauthenticated user' || (command === 'Connect' && info === null)
  return isLoggingIn ? 'starting' : 'active'
}

const sessionOf = (
  { blocked, names, startedAt, idleMs }: Scene,
  raw: RawSession,
  state: SessionState,
  transaction: Transaction | undefined,
  statement: RawStatement | undefined,
): SessionSample => {
  const id = String(raw.id)
  const session: SessionSample = { id, state, ...clientOf(raw, names), startedAt }
  session.stateAgeMs = state === 'idle in transaction' ? idleMs(raw) : positive(statement?.ms ?? raw.ms)
  if (transaction !== undefined) session.transactionAgeMs = positive(transaction.ms)
  if (state !== 'active') return session

  const text = raw.info === null ? '' : redact(raw.info)
  if (text !== '') {
    session.statement = text
    session.statementId = statement?.digest ?? fingerprint(text)
  }
  const native = raw.state ?? ''
  const seen = instrumentedWait(raw.wait)
  session.waitClass = waitClassOf(native, transaction?.waits === true, text)
  if (session.waitClass === 'CPU' && seen !== undefined) Object.assign(session, seen)
  else if (session.waitClass !== 'CPU' && native !== '') session.waitEvent = plain(native)
  if (session.waitClass !== 'Lock') return session
  if (transaction?.waits === true) session.waitEvent = 'row lock'
  const { lock, blockedBy } = blocked.get(id) ?? { lock: tableLock(native) }
  session.lock = lock
  if (blockedBy !== undefined) session.blockedBy = blockedBy
  return session
}

const positive = (ms: string | number | null): number => Math.max(0, Number(ms ?? 0))

const PORT = /:\d+$/

const clientOf = (
  raw: RawSession,
  names: Names,
): Pick<IdleGroup, 'user' | 'application' | 'host' | 'database'> => {
  const application = names.application(String(raw.id))
  const host = Number(raw.isLocal) === 1 ? 'local' : raw.host?.replace(PORT, '')
  return {
    ...(raw.user !== null && raw.user !== 'unauthenticated user' && { user: plain(raw.user) }),
    ...(application !== undefined && { application }),
    ...(host !== undefined && host !== '' && { host: plain(host) }),
    ...(raw.db !== null && { database: plain(raw.db) }),
  }
}

interface Idle {
  group: IdleGroup
  unused: number
  /** Sessions whose opening was seen. */
  seen: number
}

const addIdle = (idle: Map<string, Idle>, { names, idleMs, isUnused }: Scene, raw: RawSession): void => {
  const id = String(raw.id)
  // There may be thousands of them, and few groups.
  const key = `${raw.user}\0${raw.isLocal}${raw.host?.replace(PORT, '')}\0${raw.db}\0${names.application(id)}`
  let of = idle.get(key)
  if (of === undefined) {
    of = { group: { ...clientOf(raw, names), count: 0, oldestStateAgeMs: 0 }, unused: 0, seen: 0 }
    idle.set(key, of)
  }
  const ms = idleMs(raw)
  const unused = isUnused(id, ms)
  of.group.count++
  of.group.oldestStateAgeMs = Math.max(of.group.oldestStateAgeMs, ms)
  if (unused !== undefined) of.seen++
  if (unused === true) of.unused++
}

/** MySQL keeps no time of opening: how many were never used is told only where most of them were seen to open. */
const groupOf = ({ group, unused, seen }: Idle): IdleGroup =>
  2 * seen > group.count ? { ...group, unusedCount: unused } : group

/** What one sample says by itself; rates need two. */
export const gauges = (
  { sessions, idle }: { sessions: SessionSample[]; idle: IdleGroup[] },
  limits: Limits,
  connections: number | undefined,
): Signals => {
  const active = sessions.filter(({ state }) => state === 'active')
  const signals: Signals = {
    aas: active.length,
    lock_waiters: active.filter(({ waitClass }) => waitClass === 'Lock').length,
    ...(connections !== undefined && { connections }),
    connections_active: active.length,
    connections_idle: idle.reduce((sum, { count }) => sum + count, 0),
    connections_idle_in_transaction: sessions.filter(({ state }) => state === 'idle in transaction').length,
    max_connections: limits.maxConnections,
    usable_slots: usableSlots(limits),
  }
  for (const name of WAIT_CLASSES) {
    const signal = `aas_${name.toLowerCase() as Lowercase<typeof name>}` as const
    signals[signal] = active.filter(({ waitClass }) => waitClass === name).length
  }
  return signals
}
