// All remedies.
import type { Remedy } from '../remedy.ts'
import { endSession } from './end-session.ts'
import { idleInTransactionTimeout } from './idle-in-transaction-timeout.ts'
import { idleSessionTimeout } from './idle-session-timeout.ts'
import { lockTimeout } from './lock-timeout.ts'
import { maxConnections } from './max-connections.ts'
import { mendStatement } from './mend-statement.ts'
import { poolSize } from './pool-size.ts'
import { roleLimitRemedy } from './role-limit.ts'
import { scaleUp } from './scale-up.ts'

export const CATALOGUE: readonly Remedy[] = [
  endSession,
  idleInTransactionTimeout,
  idleSessionTimeout,
  lockTimeout,
  poolSize,
  roleLimitRemedy,
  mendStatement,
  maxConnections,
  scaleUp,
]
