// The server's answer to the sampling statement, in the common words.
import {
  type IdleGroup,
  type Limits,
  type Sample,
  type SessionSample,
  type SessionState,
  type Signals,
  usableSlots,
  WAIT_CLASSES,
} from '../../model/index.ts'
import type { Counters } from './counters.ts'
import { type LockRow, lockKey, lockWaitOf } from './lock.ts'
import type { Names } from './names.ts'
import { fingerprint, plain, redact } from './redact.ts'
import { limitsOf } from './slots.ts'
import { waitClassOf } from './wait.ts'

/** The JSON of sample.sql.ts. */
export interface RawSample {
  sessions: RawSession[]
  idle: RawIdle[]
  locks: LockRow[] | null
  connections: number
  counters: Counters
  limits: Record<string, string | null>
}

interface Client {
  userId: string | null
  databaseId: string | null
  application: string | null
  host: string | null
  /** -1 for a Unix socket. */
  port: number | null
}

interface RawSession extends Client {
  pid: number
  state: string | null
  hidden: boolean
  type: string | null
  event: string | null
  queryId: string | null
  query: string | null
  startedAt: string | null
  transactionAgeMs: number | null
  stateAgeMs: number | null
  blockedBy: number[] | null
}

interface RawIdle extends Client {
  count: number
  oldestStateAgeMs: number
  unusedCount: number
}

/** `database` is the oid of the connected one: only its relations have names here. */
export const sampleOf = (raw: RawSample, names: Names, database: string): Omit<Sample, 'signals'> => {
  const locks = new Map<number, LockRow[]>()
  for (const lock of raw.locks ?? []) locks.set(lock.pid, [...(locks.get(lock.pid) ?? []), lock])
  const blockers = blockersOf(raw.sessions, locks)
  const relationName = (lock: LockRow) =>
    lock.databaseId === database || lock.databaseId === '0'
      ? names.of('relation', lock.relationId)
      : undefined
  return {
    sessions: raw.sessions.map(session =>
      sessionOf(
        session,
        names,
        blockers.get(session.pid),
        lockWaitOf(locks.get(session.pid) ?? [], relationName),
      ),
    ),
    idle: raw.idle.map(group => idleOf(group, names)),
    limits: limitsOf(raw.limits, names.roleLimits),
  }
}

/** A prepared transaction has no session: the server reports it as pid 0. */
const PREPARED = 'prepared transaction'

/** Direct blockers by pid. Who was not asked for, stands behind the same ones as another waiter for the same lock. */
const blockersOf = (sessions: RawSession[], locks: Map<number, LockRow[]>): Map<number, string[]> => {
  const awaited = (pid: number) => locks.get(pid)?.find(({ granted }) => !granted)
  const blockers = new Map<number, string[]>()
  const byLock = new Map<string, string[]>()
  for (const { pid, blockedBy } of sessions) {
    if (blockedBy === null || blockedBy.length === 0) continue
    const ids = [...new Set(blockedBy)].map(id => (id === 0 ? PREPARED : String(id)))
    blockers.set(pid, ids)
    const lock = awaited(pid)
    if (lock !== undefined) byLock.set(lockKey(lock), ids)
  }
  for (const { pid, type } of sessions) {
    const lock = type === 'Lock' && !blockers.has(pid) ? awaited(pid) : undefined
    const same = lock && byLock.get(lockKey(lock))
    if (same !== undefined)
      blockers.set(
        pid,
        same.filter(id => id !== String(pid)),
      )
  }
  return blockers
}

const sessionOf = (
  raw: RawSession,
  names: Names,
  blockedBy: string[] | undefined,
  lock: SessionSample['lock'],
): SessionSample => {
  const state = stateOf(raw)
  const session: SessionSample = { id: String(raw.pid), state, ...clientOf(raw, names) }
  if (state === 'active') session.waitClass = waitClassOf(raw.type ?? undefined, raw.event ?? undefined)
  if (raw.event !== null) session.waitEvent = raw.event
  const statement = raw.hidden || raw.query === null ? '' : redact(raw.query)
  if (statement !== '') {
    session.statement = statement
    const known = raw.queryId !== null && raw.queryId !== '0'
    session.statementId = known ? (raw.queryId as string) : fingerprint(statement)
  }
  if (raw.transactionAgeMs !== null) session.transactionAgeMs = Math.max(0, raw.transactionAgeMs)
  if (raw.stateAgeMs !== null) session.stateAgeMs = Math.max(0, raw.stateAgeMs)
  if (raw.startedAt !== null) session.startedAt = raw.startedAt
  if (blockedBy !== undefined) session.blockedBy = blockedBy
  if (lock !== undefined && raw.type === 'Lock') session.lock = lock
  return session
}

/** `disabled` means track_activities is off for that session: nobody can see what it does. */
const stateOf = (raw: RawSession): SessionState => {
  if (raw.hidden) return 'unknown'
  switch (raw.state) {
    case 'active':
    case 'fastpath function call':
      return 'active'
    case 'idle in transaction':
    case 'idle in transaction (aborted)':
    case 'starting':
      return raw.state
    default:
      return raw.state === null && raw.userId === null ? 'starting' : 'unknown'
  }
}

const clientOf = (
  raw: Client,
  names: Names,
): Pick<IdleGroup, 'user' | 'application' | 'host' | 'database'> => {
  const user = names.of('user', raw.userId)
  const database = names.of('database', raw.databaseId)
  const host = raw.host ?? (raw.port === -1 ? 'local' : undefined)
  return {
    ...(user !== undefined && { user }),
    ...(raw.application !== null && raw.application !== '' && { application: plain(raw.application) }),
    ...(host !== undefined && { host }),
    ...(database !== undefined && { database }),
  }
}

const idleOf = (raw: RawIdle, names: Names): IdleGroup => ({
  ...clientOf(raw, names),
  count: raw.count,
  oldestStateAgeMs: Math.max(0, raw.oldestStateAgeMs),
  unusedCount: raw.unusedCount,
})

/** What one sample says by itself; rates need two. */
export const gauges = (sample: Omit<Sample, 'signals'>, connections: number): Signals => {
  const { sessions, idle, limits } = sample
  const active = sessions.filter(({ state }) => state === 'active')
  const signals: Signals = {
    aas: active.length,
    lock_waiters: active.filter(({ waitClass }) => waitClass === 'Lock').length,
    connections,
    connections_active: active.length,
    connections_idle: idle.reduce((sum, { count }) => sum + count, 0),
    connections_idle_in_transaction: sessions.filter(({ state }) => state.startsWith('idle in')).length,
    ...slotGauges(limits),
  }
  for (const name of WAIT_CLASSES) {
    const signal = `aas_${name.toLowerCase() as Lowercase<typeof name>}` as const
    signals[signal] = active.filter(({ waitClass }) => waitClass === name).length
  }
  return signals
}

const slotGauges = (limits: Limits): Signals => ({
  max_connections: limits.maxConnections,
  usable_slots: usableSlots(limits),
})
