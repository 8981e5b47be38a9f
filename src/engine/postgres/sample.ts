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
import { type Backend, isoOf } from './crowd.ts'
import { type LockRow, lockWaitOf } from './lock.ts'
import type { Names } from './names.ts'
import { APPLICATION } from './open.ts'
import { blockersOf } from './queue.ts'
import { waitClassOf } from './wait.ts'

/** What the server answered, as far as it is remembered. */
export interface Seen {
  /** Epoch microseconds of the server's clock. */
  at: number
  backends: ReadonlyMap<number, Backend>
  locks: readonly LockRow[]
  /** Oid of the connected one: only its relations have names here. */
  database: number
  /** The server's; those of roles and databases are among the names. */
  ceilings: Limits
}

export const sampleOf = (seen: Seen, names: Names): Omit<Sample, 'signals'> => {
  const { at, backends, locks, database } = seen
  const locksOf = new Map<number, LockRow[]>()
  for (const lock of locks) {
    if (lock.pid === null) continue
    const own = locksOf.get(lock.pid)
    if (own === undefined) locksOf.set(lock.pid, [lock])
    else own.push(lock)
  }
  const blockers = blockersOf(locks, {
    leaderOf: pid => backends.get(pid)?.leader ?? pid,
    statementAt: pid => backends.get(pid)?.statementAt ?? undefined,
  })
  const relationName = ({ databaseId, relationId }: LockRow) =>
    databaseId === database || databaseId === 0 ? names.of('relation', String(relationId)) : undefined
  const others = [...backends.values()].filter(
    ({ client, application }) => client && application !== APPLICATION,
  )
  return {
    sessions: others
      .filter(({ state }) => state !== 'idle')
      .map(backend => {
        const blockedBy = blockers.get(backend.pid)
        const lock = backend.waitType === 'Lock' && lockWaitOf(locksOf.get(backend.pid) ?? [], relationName)
        return {
          ...sessionOf(backend, at, names),
          ...(blockedBy !== undefined && { blockedBy }),
          ...(lock && { lock }),
        }
      }),
    idle: idleOf(
      others.filter(({ state }) => state === 'idle'),
      at,
      names,
    ),
    limits: limitsOf(seen.ceilings, names.roleLimits),
  }
}

/** None of the server's own changes before a restart. */
const limitsOf = ({ maxConnections, reserved }: Limits, roleLimits: Record<string, number>): Limits => ({
  maxConnections,
  reserved,
  ...(Object.keys(roleLimits).length > 0 && { roleLimits }),
})

const sessionOf = (backend: Backend, at: number, names: Names): SessionSample => {
  const { pid, state, waitType, waitEvent, statement, statementId, startedAt, transactionAt } = backend
  const session: SessionSample = { id: String(pid), state, ...clientOf(backend, names) }
  if (state === 'active') session.waitClass = waitClassOf(waitType ?? undefined, waitEvent ?? undefined)
  if (waitEvent !== null) session.waitEvent = waitEvent
  if (statement !== '') Object.assign(session, { statement, statementId })
  if (transactionAt !== null) session.transactionAgeMs = ageMs(transactionAt, at)
  const stateAt = state === 'active' ? backend.statementAt : backend.changedAt
  if (stateAt !== null) session.stateAgeMs = ageMs(stateAt, at)
  if (startedAt !== null) session.startedAt = isoOf(startedAt)
  return session
}

/** Never negative: the server's clock may jump, and what began during the sample is younger than it. */
const ageMs = (from: number, at: number): number => Math.max(0, at - from) / 1_000

const clientOf = (
  { userId, databaseId, application, host }: Backend,
  names: Names,
): Pick<IdleGroup, 'user' | 'application' | 'host' | 'database'> => {
  const user = names.of('user', userId)
  const database = names.of('database', databaseId)
  return {
    ...(user !== undefined && { user }),
    ...(application !== null && application !== '' && { application }),
    ...(host !== undefined && { host }),
    ...(database !== undefined && { database }),
  }
}

/** Unused: opened, used for less than so long, milliseconds … */
const BRIEF_MS = 2_000
/** … and not again for more than this, milliseconds. */
const UNUSED_MS = 10_000

const idleOf = (backends: readonly Backend[], at: number, names: Names): IdleGroup[] => {
  const groups = new Map<string, IdleGroup & { unusedCount: number }>()
  for (const backend of backends) {
    const { userId, databaseId, application, host, changedAt, startedAt } = backend
    const key = JSON.stringify([userId, databaseId, application, host])
    const group = groups.get(key) ?? {
      ...clientOf(backend, names),
      ...{ count: 0, oldestStateAgeMs: 0, unusedCount: 0 },
    }
    groups.set(key, group)
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
