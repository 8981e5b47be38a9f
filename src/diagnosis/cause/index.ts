// All rules, in the order of a chain: what stands first is nearer to the root.
import type { Rule } from '../rule.ts'
import { backup } from './backup.ts'
import { bufferPoolSmall } from './buffer-pool-small.ts'
import { bulkLoad } from './bulk-load.ts'
import { commitStall } from './commit-stall.ts'
import { connectionLeak } from './connection-leak.ts'
import { cpuStarvation } from './cpu-starvation.ts'
import { flushStall } from './flush-stall.ts'
import { idleInTransaction } from './idle-in-transaction.ts'
import { ioSaturation } from './io-saturation.ts'
import { loadSurge } from './load-surge.ts'
import { lockContention } from './lock-contention.ts'
import { networkDegraded } from './network-degraded.ts'
import { poolsOversubscribed } from './pools-oversubscribed.ts'
import { queryRegression } from './query-regression.ts'
import { roleLimit } from './role-limit.ts'
import { writeAmplification } from './write-amplification.ts'

export const RULES: readonly Rule[] = [
  idleInTransaction,
  lockContention,
  roleLimit,
  connectionLeak,
  poolsOversubscribed,
  queryRegression,
  loadSurge,
  cpuStarvation,
  ioSaturation,
  bufferPoolSmall,
  commitStall,
  flushStall,
  writeAmplification,
  backup,
  bulkLoad,
  networkDegraded,
]
