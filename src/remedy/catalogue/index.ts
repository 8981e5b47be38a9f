// All remedies; equals in the plan keep this order.
import type { Remedy, StandingRemedy } from '../remedy.ts'
import { bufferPool } from './buffer-pool.ts'
import { cancelStatement } from './cancel-statement.ts'
import { connectTimeout } from './connect-timeout.ts'
import { endSession } from './end-session.ts'
import { idleInTransactionTimeout } from './idle-in-transaction-timeout.ts'
import { idleSessionTimeout } from './idle-session-timeout.ts'
import { lockTimeout } from './lock-timeout.ts'
import { maxConnections } from './max-connections.ts'
import { mendOutside } from './mend-outside.ts'
import { mendStatement } from './mend-statement.ts'
import { parameterGroup } from './parameter-group.ts'
import { poolSize } from './pool-size.ts'
import { pooler } from './pooler.ts'
import { reservedSlots } from './reserved-slots.ts'
import { roleLimitRemedy } from './role-limit.ts'
import { scaleOut } from './scale-out.ts'
import { scaleUp } from './scale-up.ts'
import { securityGroupRule } from './security-group-rule.ts'
import { statementTimeout } from './statement-timeout.ts'
import { storage } from './storage.ts'
import { wait } from './wait.ts'

export const CATALOGUE: readonly (Remedy | StandingRemedy)[] = [
  wait,
  endSession,
  cancelStatement,
  roleLimitRemedy,
  securityGroupRule,
  parameterGroup,
  idleInTransactionTimeout,
  idleSessionTimeout,
  lockTimeout,
  statementTimeout,
  connectTimeout,
  poolSize,
  pooler,
  mendStatement,
  mendOutside,
  bufferPool,
  storage,
  scaleUp,
  scaleOut,
  maxConnections,
  reservedSlots,
]
