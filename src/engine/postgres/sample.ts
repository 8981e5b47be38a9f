// What is known of the server after its answers, in the common words.
import {
  type IdleGroup,
  type Limits,
  type Sample,
  type SessionSample,
  type Signals,
  usableSlots,
  WAIT_CLASSES,
} from '../../model/index.ts'
import type { Backend } from './crowd.ts'
import { type LockRow, lockWaitOf } from './lock.ts'
import type { Names } from './names.ts'
import { APPLICATION } from './open.ts'
import { waitClassOf } from './wait.ts'

/** What the server answered, as far as it is remembered. */
export interface Seen {
  /** Epoch microseconds of the server's clock. */
  at: number
  backends: ReadonlyMap<number, Backend>
  /** By pid. */
  locks: ReadonlyMap<number | null, LockRow[]>
  blockers: ReadonlyMap<number, string[]>
  /** Oid of the connected one: only its relations have names here. */
  database: number
  /** The server's; those of roles and databases are among the names. */
  ceilings: Limits
}

export const sampleOf = (seen: Seen, names: Names): Omit<Sample, 'signals'> => {
  const { at, backends, blockers, locks, database } = seen
  const relationName = ({ databaseId, relationId }: LockRow) =>
    databaseId === database || databaseId === 0 ? names.of('relation', String(relationId)) : undefined
  const sessions: SessionSample[] = []
  const idle: Backend[] = []
  for (const backend of backends.values()) {
    const { pid, client, application, state, waitType } = backend
    if (!client || application === APPLICATION) continue
    if (state === 'idle') {
      idle.push(backend)
      continue
    }
    const session = sessionOf(backend, at, names)
    const blockedBy = blockers.get(pid)
    if (blockedBy !== undefined) session.blockedBy = blockedBy
    const lock = waitType === 'Lock' ? lockWaitOf(locks.get(pid) ?? [], relationName) : undefined
    if (lock !== undefined) session.lock = lock
    sessions.push(session)
  }
  return { sessions, idle: idleOf(idle, at, names), limits: limitsOf(seen.ceilings, names.roleLimits) }
}

/** None of the server's own changes before a restart. */
const limitsOf = ({ maxConnections, reserved }: Limits, roleLimits: Record<string, number>): Limits => ({
  maxConnections,
  reserved,
  ...(Object.keys(roleLimits).length > 0 && { roleLimits }),
})

const sessionOf = (backend: Backend, at: number, names: Names): SessionSample => {
  const { pid, state, waitType, waitEvent, statement, statementId, openedAt, transactionAt } = backend
  const session: SessionSample = { id: String(pid), state, ...clientOf(backend, names) }
  if (state === 'active') session.waitClass = waitClassOf(waitType ?? undefined, waitEvent ?? undefined)
  if (waitEvent !== null) session.waitEvent = waitEvent
  if (statement !== '') session.statement = statement
  if (statementId !== '') session.statementId = statementId
  if (transactionAt !== null) session.transactionAgeMs = ageMs(transactionAt, at)
  const stateAt = state === 'active' ? backend.statementAt : backend.changedAt
  if (stateAt !== null) session.stateAgeMs = ageMs(stateAt, at)
  if (openedAt !== undefined) session.startedAt = openedAt
  return session
}

/** Never negative: the server's clock may jump, and what began during the sample is younger than it. */
const ageMs = (from: number, at: number): number => Math.max(0, at - from) / 1_000

type Client = Pick<IdleGroup, 'user' | 'application' | 'host' | 'database'>

const clientOf = ({ userId, databaseId, application, host }: Backend, names: Names): Client => {
  const client: Client = {}
  const user = names.of('user', userId)
  const database = names.of('database', databaseId)
  if (user !== undefined) client.user = user
  if (application !== null && application !== '') client.application = application
  if (host !== undefined) client.host = host
  if (database !== undefined) client.database = database
  return client
}

/** Unused: opened, used for less than so long, milliseconds … */
const BRIEF_MS = 2_000
/** … and not again for more than this, milliseconds. */
const UNUSED_MS = 10_000

const idleOf = (backends: readonly Backend[], at: number, names: Names): IdleGroup[] => {
  const groups = new Map<string, IdleGroup & { unusedCount: number }>()
  for (const backend of backends) {
    const { who, changedAt, startedAt } = backend
    let group = groups.get(who)
    if (group === undefined) {
      group = { ...clientOf(backend, names), count: 0, oldestStateAgeMs: 0, unusedCount: 0 }
      groups.set(who, group)
    }
    const idleMs = changedAt === null ? 0 : ageMs(changedAt, at)
    group.count++
    group.oldestStateAgeMs = Math.max(group.oldestStateAgeMs, idleMs)
    if (idleMs > UNUSED_MS && ageMs(startedAt ?? 0, changedAt ?? 0) < BRIEF_MS) group.unusedCount++
  }
  return [...groups.values()]
}

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
