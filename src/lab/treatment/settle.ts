// What some remedies take longer to show than others, and what has to happen first for them to show at all.
import type { EngineName, RemedyCode } from '../../model/index.ts'
import type { Order } from './order.ts'

/** Memory fills by what is read, a transaction has to idle for as long as it may. */
const SLOW: Partial<Record<RemedyCode, number>> = {
  'buffer-pool': 90_000,
  'idle-in-transaction-timeout': 120_000,
}

export const settleOf = (remedy: RemedyCode, usualMs: number): number => Math.max(usualMs, SLOW[remedy] ?? 0)

/**
 * What holds for new sessions alone: everybody connects anew, and what is wrong with the application goes wrong once more. Who
 * waits for a lock as long as it takes goes with a restart only, which MariaDB does not keep a variable over.
 */
export const anewFor = (remedy: RemedyCode, engine: EngineName): Order | undefined => {
  if (remedy === 'idle-in-transaction-timeout') return { do: 'reconnect' }
  const isOfStatements = remedy === 'lock-timeout' || remedy === 'statement-timeout'
  return isOfStatements && engine !== 'mariadb' ? { do: 'restart' } : undefined
}
