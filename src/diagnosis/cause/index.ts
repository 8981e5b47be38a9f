// All rules, in the order of a chain: what stands first is nearer to the root.
import type { Rule } from '../rule.ts'
import { connectionLeak } from './connection-leak.ts'
import { idleInTransaction } from './idle-in-transaction.ts'
import { loadSurge } from './load-surge.ts'
import { lockContention } from './lock-contention.ts'
import { poolsOversubscribed } from './pools-oversubscribed.ts'
import { queryRegression } from './query-regression.ts'
import { roleLimit } from './role-limit.ts'

export const RULES: readonly Rule[] = [
  idleInTransaction,
  lockContention,
  roleLimit,
  connectionLeak,
  poolsOversubscribed,
  queryRegression,
  loadSurge,
]
