// All scenarios, the demo's first.
import type { Scenario } from '../scenario.ts'
import { advisoryLock } from './advisory-lock.ts'
import { connectionLeak } from './connection-leak.ts'
import { ddlQueue } from './ddl-queue.ts'
import { healthy } from './healthy.ts'
import { idleInTransaction } from './idle-in-transaction.ts'
import { loadSurge } from './load-surge.ts'
import { poolsOversubscribed } from './pools-oversubscribed.ts'
import { queryRegression } from './query-regression.ts'
import { relationLock } from './relation-lock.ts'
import { roleLimit } from './role-limit.ts'
import { rowLock } from './row-lock.ts'

export const SCENARIOS: readonly Scenario[] = [
  idleInTransaction,
  healthy,
  rowLock,
  ddlQueue,
  relationLock,
  advisoryLock,
  connectionLeak,
  poolsOversubscribed,
  roleLimit,
  loadSurge,
  queryRegression,
]

/** The scenario of that name, if there is one. */
export const scenario = (name: string): Scenario | undefined => SCENARIOS.find(s => s.name === name)
