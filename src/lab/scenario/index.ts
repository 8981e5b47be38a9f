// All scenarios, the demo's first.
import type { EngineName } from '../../model/index.ts'
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
import type { ScenarioSpec } from './spec.ts'

/** Those the demo shows: on PostgreSQL, with a cause that is known and, where there is one, a remedy that can be proved. */
const SHOWN: readonly ScenarioSpec[] = [
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

export const SPECS: readonly ScenarioSpec[] = [...SHOWN]

export const SCENARIOS: readonly Scenario[] = SHOWN.map(shown => shown.on('postgres'))

/** The scenario of that name on that engine, if there is one. */
export const scenario = (name: string, engine: EngineName = 'postgres'): Scenario | undefined => {
  const found = SPECS.find(candidate => candidate.name === name)
  return found?.engines.includes(engine) ? found.on(engine) : undefined
}
