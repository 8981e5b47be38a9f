// All scenarios, the demo's first.
import type { EngineName } from '../../model/index.ts'
import type { Scenario } from '../scenario.ts'
import { advisoryLock } from './advisory-lock.ts'
import { backup } from './backup.ts'
import { bufferPoolSmall } from './buffer-pool-small.ts'
import { bulkLoad } from './bulk-load.ts'
import { busy } from './busy.ts'
import { busyHour } from './busy-hour.ts'
import { checkpointStall } from './checkpoint-stall.ts'
import { clientPoolStarved } from './client-pool-starved.ts'
import { commitStall } from './commit-stall.ts'
import { connectionLeak } from './connection-leak.ts'
import { connectionStorm } from './connection-storm.ts'
import { cpuStolen } from './cpu-stolen.ts'
import { ddlQueue } from './ddl-queue.ts'
import { deadlockStorm } from './deadlock-storm.ts'
import { deploy } from './deploy.ts'
import { dirtyPages } from './dirty-pages.ts'
import { dump } from './dump.ts'
import { dumpLocks } from './dump-locks.ts'
import { flushStall } from './flush-stall.ts'
import { healthy } from './healthy.ts'
import { hostBlocked } from './host-blocked.ts'
import { idleBesideBatch } from './idle-beside-batch.ts'
import { idleHoard } from './idle-hoard.ts'
import { idleInTransaction } from './idle-in-transaction.ts'
import { loadSurge } from './load-surge.ts'
import { lockAndLeak } from './lock-and-leak.ts'
import { lockBehindDeploy } from './lock-behind-deploy.ts'
import { loginRefused } from './login-refused.ts'
import { longAnalyze } from './long-analyze.ts'
import { machineTooSmall } from './machine-too-small.ts'
import { memoryPressure } from './memory-pressure.ts'
import { networkBlackHole } from './network-black-hole.ts'
import { networkDelayed } from './network-delayed.ts'
import { networkLossy } from './network-lossy.ts'
import { networkRefused } from './network-refused.ts'
import { newStatement } from './new-statement.ts'
import { nightlyBatch } from './nightly-batch.ts'
import { poolerExhausted } from './pooler-exhausted.ts'
import { poolsOversubscribed } from './pools-oversubscribed.ts'
import { probeBlip } from './probe-blip.ts'
import { queryRegression } from './query-regression.ts'
import { regressionAndIdle } from './regression-and-idle.ts'
import { relationLock } from './relation-lock.ts'
import { roleLimit } from './role-limit.ts'
import { rowLock } from './row-lock.ts'
import { serverCrash } from './server-crash.ts'
import { serverRestart } from './server-restart.ts'
import { slowFsync } from './slow-fsync.ts'
import type { ScenarioSpec } from './spec.ts'
import { standbyGone } from './standby-gone.ts'
import { storageFull } from './storage-full.ts'
import { storageThrottled } from './storage-throttled.ts'
import { tlsRequired } from './tls-required.ts'
import { vacuumFull } from './vacuum-full.ts'
import { workingSetGrown } from './working-set-grown.ts'
import { writeAmplification } from './write-amplification.ts'

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

/** What fills the machine, the locks or the slots in other ways. */
const LOAD: readonly ScenarioSpec[] = [
  deadlockStorm,
  vacuumFull,
  idleHoard,
  connectionStorm,
  clientPoolStarved,
  poolerExhausted,
  newStatement,
  cpuStolen,
  machineTooSmall,
  storageThrottled,
  bufferPoolSmall,
  workingSetGrown,
  commitStall,
  slowFsync,
  standbyGone,
  flushStall,
  checkpointStall,
  dirtyPages,
  memoryPressure,
  writeAmplification,
  backup,
  dump,
  dumpLocks,
  bulkLoad,
]

/** What breaks the way to the server, or the server. */
const PATH: readonly ScenarioSpec[] = [
  networkDelayed,
  networkLossy,
  networkBlackHole,
  networkRefused,
  loginRefused,
  tlsRequired,
  hostBlocked,
  serverRestart,
  serverCrash,
  storageFull,
]

/** Whoever finds a cause here is wrong. */
const HARMLESS: readonly ScenarioSpec[] = [busy, busyHour, deploy, nightlyBatch, longAnalyze, probeBlip]

/** Two faults at a time, or one beside something that only looks like one. */
const COMPOUND: readonly ScenarioSpec[] = [lockAndLeak, regressionAndIdle, lockBehindDeploy, idleBesideBatch]

export const SPECS: readonly ScenarioSpec[] = [...SHOWN, ...LOAD, ...PATH, ...HARMLESS, ...COMPOUND]

export const SCENARIOS: readonly Scenario[] = SHOWN.map(shown => shown.on('postgres'))

/** The scenario of that name on that engine, if there is one. */
export const scenario = (name: string, engine: EngineName = 'postgres'): Scenario | undefined => {
  const found = SPECS.find(candidate => candidate.name === name)
  return found?.engines.includes(engine) ? found.on(engine) : undefined
}
