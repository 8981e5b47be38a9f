// Every symptom. Where a code has several meanings and no text tells them apart, the commonest comes first.
import type { Symptom } from '../symptom.ts'
import { AUTHENTICATION } from './authentication.ts'
import { NETWORK } from './network.ts'
import { PGBOUNCER } from './pgbouncer.ts'
import { POOLS } from './pool.ts'
import { PRISMA } from './prisma.ts'
import { PROTOCOL } from './protocol.ts'
import { RDS_PROXY } from './proxy.ts'
import { MYSQL_SESSIONS } from './session-mysql.ts'
import { POSTGRES_SESSIONS } from './session-postgres.ts'
import { SLOTS } from './slots.ts'
import { TLS } from './tls.ts'

export const SYMPTOMS: readonly Symptom[] = [
  ...NETWORK,
  ...AUTHENTICATION,
  ...TLS,
  ...PROTOCOL,
  ...SLOTS,
  ...POSTGRES_SESSIONS,
  ...MYSQL_SESSIONS,
  ...RDS_PROXY,
  ...PGBOUNCER,
  ...POOLS,
  ...PRISMA,
]
