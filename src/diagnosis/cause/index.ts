// All rules, in the order of a chain: what stands first is nearer to the root.
import type { Rule } from '../rule.ts'
import { authFailure } from './auth-failure.ts'
import { backup } from './backup.ts'
import { bufferPoolSmall } from './buffer-pool-small.ts'
import { bulkLoad } from './bulk-load.ts'
import { clientPoolStarved } from './client-pool-starved.ts'
import { commitStall } from './commit-stall.ts'
import { connectionLeak } from './connection-leak.ts'
import { connectionStorm } from './connection-storm.ts'
import { cpuStarvation } from './cpu-starvation.ts'
import { flushStall } from './flush-stall.ts'
import { hostBlocked } from './host-blocked.ts'
import { idleInTransaction } from './idle-in-transaction.ts'
import { internalContention } from './internal-contention.ts'
import { ioSaturation } from './io-saturation.ts'
import { loadSurge } from './load-surge.ts'
import { lockContention } from './lock-contention.ts'
import { memoryPressure } from './memory-pressure.ts'
import { networkDegraded } from './network-degraded.ts'
import { networkUnreachable } from './network-unreachable.ts'
import { poolerExhausted } from './pooler-exhausted.ts'
import { poolsOversubscribed } from './pools-oversubscribed.ts'
import { queryRegression } from './query-regression.ts'
import { replicationLag } from './replication-lag.ts'
import { roleLimit } from './role-limit.ts'
import { serverRestarting } from './server-restarting.ts'
import { storageFull } from './storage-full.ts'
import { tlsFailure } from './tls-failure.ts'
import { writeAmplification } from './write-amplification.ts'

export const RULES: readonly Rule[] = [
  storageFull,
  memoryPressure,
  serverRestarting,
  networkUnreachable,
  tlsFailure,
  authFailure,
  hostBlocked,
  networkDegraded,
  idleInTransaction,
  lockContention,
  internalContention,
  roleLimit,
  connectionLeak,
  connectionStorm,
  poolsOversubscribed,
  queryRegression,
  loadSurge,
  cpuStarvation,
  ioSaturation,
  bufferPoolSmall,
  // Before those who wait for it: of two that explain as much, the first one stands.
  flushStall,
  commitStall,
  writeAmplification,
  backup,
  bulkLoad,
  replicationLag,
  poolerExhausted,
  clientPoolStarved,
]
