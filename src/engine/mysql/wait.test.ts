import { expect, test } from 'vitest'
import type { WaitClass } from '../../model/index.ts'
import { instrumentedWait, waitClassOf } from './wait.ts'

test.each<[string, WaitClass]>([
  ['executing', 'CPU'],
  ['Sending data', 'CPU'],
  ['statistics', 'CPU'],
  ['', 'CPU'],
  ['Waiting for table metadata lock', 'Lock'],
  ['Waiting for table level lock', 'Lock'],
  ['Waiting for global read lock', 'Lock'],
  ['Waiting for table flush', 'Lock'],
  ['Waiting for backup lock', 'Lock'],
  ['User lock', 'Lock'],
  ['waiting for handler commit', 'Commit'],
  ['Waiting for semi-sync ACK from slave', 'Commit'],
  ['Waiting for commit lock', 'Commit'],
  ['Commit', 'Commit'],
  ['query end', 'Commit'],
  ['Updating status', 'Commit'],
  ['User sleep', 'Timeout'],
  ['Sending to client', 'Client'],
  ['Writing to net', 'Client'],
  ['Copying to tmp table on disk', 'IO'],
  ['converting HEAP to Aria', 'IO'],
  ['Waiting for something new', 'IPC'],
])('%s', (state, expected) => {
  expect(waitClassOf(state, false)).toBe(expected)
})

test('InnoDB knows of waits for rows, which the state does not tell', () => {
  expect(waitClassOf('updating', true)).toBe('Lock')
})

test('a COMMIT without a state waits for the log, anything else without one is at work', () => {
  expect(
    ['COMMIT', 'commit and chain', 'insert into t values (?)', ''].map(text => waitClassOf('', false, text)),
  ).toEqual([...['Commit', 'Commit', 'CPU', 'CPU']])
})

test.each<[string | null, WaitClass | undefined, string?]>([
  ['wait/io/file/innodb/innodb_data_file', 'IO', 'io/file/innodb/innodb_data_file'],
  ['wait/io/file/innodb/innodb_log_file', 'Commit', 'io/file/innodb/innodb_log_file'],
  ['wait/io/file/sql/binlog', 'Commit', 'io/file/sql/binlog'],
  ['wait/synch/sxlock/innodb/index_tree_rw_lock', 'LWLock', 'synch/sxlock/innodb/index_tree_rw_lock'],
  ['wait/io/table/sql/handler', undefined],
  ['idle', undefined],
  [null, undefined],
])('the instrument %s', (name, waitClass, waitEvent) => {
  expect(instrumentedWait(name)).toEqual(waitClass && { waitClass, waitEvent })
})
