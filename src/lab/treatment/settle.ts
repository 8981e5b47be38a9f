// What some remedies take longer to show than others, and what has to happen first for them to show at all.
import type { RemedyCode } from '../../model/index.ts'
import type { Order } from './order.ts'

/** Memory fills by what is read, a transaction has to idle for as long as it may. */
const SLOW: Partial<Record<RemedyCode, number>> = {
  'buffer-pool': 60_000,
  'idle-in-transaction-timeout': 120_000,
}

export const settleOf = (remedy: RemedyCode, usualMs: number): number => Math.max(usualMs, SLOW[remedy] ?? 0)

/** What holds for new sessions alone: everybody connects anew; and where it ends sessions, the same goes wrong once more. */
const ANEW: Partial<Record<RemedyCode, Order>> = {
  'lock-timeout': { do: 'reconnect', again: false },
  'statement-timeout': { do: 'reconnect', again: false },
  'idle-in-transaction-timeout': { do: 'reconnect', again: true },
}

export const anewFor = (remedy: RemedyCode): Order | undefined => ANEW[remedy]
