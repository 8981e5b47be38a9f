// The words in which the engines' SQL differs, as far as the shop and its faults need them.
import type { EngineName } from '../model/index.ts'
import type { StatementSpec } from './scenario.ts'

export interface Dialect {
  engine: EngineName
  /** Of the shop's server: ordinary clients have 37 slots. */
  settings: Record<string, string | number>
  /** The tables and their rows; `orders`: how many orders there are at the start. */
  schema(orders?: number): string[]
  /** Does nothing for so long. */
  sleep(seconds: number): string
  /** Reads a table, and takes so long. */
  longRead(table: string, seconds: number): string
  /** Two statements or less: from then on the session has the table for itself. */
  lockTable(table: string): string[]
  /** A lock that only applications know of: to take it in a request and give it back, and to take it for good. */
  advisory: { take: StatementSpec[]; giveBack: StatementSpec[]; keep: string }
  /** Whether a column contains a value, in any case of letters. */
  contains(column: string): string
  /** Kind of the finding for a table that somebody has for himself. */
  tableLock: 'relation' | 'metadata'
  dropIndex(name: string, table: string): string
  createIndex(name: string, table: string, column: string): string
}
