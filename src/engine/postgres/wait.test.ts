import { expect, test } from 'vitest'
import { waitClassOf } from './wait.ts'

test.each([
  [undefined, undefined, 'CPU'],
  ['IO', 'DataFileRead', 'IO'],
  ['IO', 'WALSync', 'Commit'],
  ['IO', 'WalSync', 'Commit'],
  ['LWLock', 'WALWrite', 'Commit'],
  ['LWLock', 'WALWriteLock', 'Commit'],
  ['LWLock', 'buffer_io', 'IO'],
  ['IPC', 'BufferIO', 'IO'],
  ['IPC', 'BufferIo', 'IO'],
  ['IPC', 'SyncRep', 'Commit'],
  ['IPC', 'ExecuteGather', 'IPC'],
  ['LWLock', 'LockManager', 'LWLock'],
  ['Lock', 'transactionid', 'Lock'],
  ['Client', 'ClientRead', 'Client'],
  ['Timeout', 'PgSleep', 'Timeout'],
  ['Extension', 'Extension', 'Other'],
  ['BufferPin', 'BufferPin', 'Other'],
  ['Activity', 'anything', 'Other'],
])('%s:%s is %s', (type, event, expected) => {
  expect(waitClassOf(type, event)).toBe(expected)
})
