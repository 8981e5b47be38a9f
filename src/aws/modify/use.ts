// How many slots were in use of late: a change takes none of them away.
import { AppError } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import { metricValues } from '../cloudwatch/values.ts'

/** CloudWatch is some minutes behind; what was in use within this time may be again. */
const LATE_MS = 15 * 60_000
const MINUTE_S = 60

/** The most within a quarter of an hour; undefined where it is not published or may not be asked for. Throws AppError. */
export async function slotsInUse(
  account: Account,
  id: string,
  now: number,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const question = {
    metric: 'DatabaseConnections',
    stat: 'Maximum' as const,
    dimensions: { DBInstanceIdentifier: id },
  }
  // Whole minutes, or the first one is cut off.
  const from = Math.floor((now - LATE_MS) / (MINUTE_S * 1_000)) * MINUTE_S * 1_000
  const [values] = await metricValues(account, [question], { from, to: now }, MINUTE_S, signal).catch(
    unlessDenied,
  )
  return values && values.size > 0 ? Math.max(...values.values()) : undefined
}

/** Somebody may be let to change an instance who is not let to look at its metrics. */
const unlessDenied = (error: unknown): [] => {
  if (error instanceof AppError && error.code === 'aws-denied') return []
  throw error
}
