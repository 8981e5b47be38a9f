// PostgreSQL's wait events in the nine common classes.
// https://www.postgresql.org/docs/current/monitoring-stats.html#WAIT-EVENT-TABLE
import type { WaitClass } from '../../model/index.ts'

const CLASSES: Record<string, WaitClass> = {
  IO: 'IO',
  Lock: 'Lock',
  LWLock: 'LWLock',
  IPC: 'IPC',
  Client: 'Client',
  Timeout: 'Timeout',
}

/**
 * Waits for the log on its way to disk or to a standby: what a commit costs, whatever the server files it under.
 * Names of 12 (`WALWriteLock`, `wal_insert`) beside those of 13 and later.
 */
const COMMIT = new Set([
  ...['IO:WALWrite', 'IO:WALSync', 'IO:WALInitWrite', 'IO:WALInitSync', 'IO:WalWrite', 'IO:WalSync'],
  ...['LWLock:WALWrite', 'LWLock:WALWriteLock', 'LWLock:WALInsert', 'LWLock:wal_insert', 'IPC:SyncRep'],
  ...['IPC:XactGroupUpdate', 'IPC:ClogGroupUpdate'],
])

/** Waits for a block that another backend is reading: `LWLock` up to 13, `IPC` since 14. */
const BUFFER_IO = new Set(['IPC:BufferIO', 'IPC:BufferIo', 'LWLock:BufferIO', 'LWLock:buffer_io'])

/** The class of an *active* session's wait; without an event it is on CPU, or waits where nothing is instrumented. */
export const waitClassOf = (type: string | undefined, event: string | undefined): WaitClass => {
  if (type === undefined) return 'CPU'
  const native = `${type}:${event}`
  if (COMMIT.has(native)) return 'Commit'
  if (BUFFER_IO.has(native)) return 'IO'
  return CLASSES[type] ?? 'Other'
}
