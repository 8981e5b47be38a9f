// Descriptions are kept for a moment: who connects to a database and asks about it as well has it described once.
import type { Account } from '../account/index.ts'
import type { RdsTarget } from '../target.ts'
import type { Database } from './database.ts'
import { findDatabase } from './find.ts'

/** By who asked for what; handed in, so that nobody shares more than is meant. */
export type Descriptions = Map<string, { at: number; database: Database }>

/** A state such as `rebooting` is over soon. */
const FRESH_MS = 60_000

/** Throws AppError as findDatabase does; what failed is asked for again. */
export async function knownDatabase(
  account: Account,
  target: RdsTarget,
  descriptions: Descriptions | undefined,
  signal?: AbortSignal,
): Promise<Database> {
  const key = [account.who, target.id, target.reader ? 'reader' : ''].join(' ')
  const known = descriptions?.get(key)
  if (known && Date.now() - known.at < FRESH_MS) return known.database
  const database = await findDatabase(account, target, signal)
  descriptions?.set(key, { at: Date.now(), database })
  return database
}
