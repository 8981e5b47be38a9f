// Thread states and instrumented waits in the nine common classes. Waits are not instrumented by default, and switching them on costs
// a third of the throughput: mostly the state has to do, in which a statement that reads from the disk looks as if it computed.
// https://dev.mysql.com/doc/refman/en/general-thread-states.html · https://mariadb.com/docs/server/reference/thread-states
import type { WaitClass } from '../../model/index.ts'

/** First match wins; states differ in case between MySQL and MariaDB. */
const CLASSES: [RegExp, WaitClass][] = [
  [/^waiting for (commit lock|semi-?sync|handler commit|prior transaction to (start )?commit)/i, 'Commit'],
  [/^waiting for ack from|semi-sync ack/i, 'Commit'],
  [/^(commit|committing|query end|waiting to get readlock on commit)/i, 'Commit'],
  // MariaDB: the answer to a COMMIT waits until the log is flushed.
  [/^updating status/i, 'Commit'],
  [/^(waiting for .*lock|user lock|waiting for table|waiting for backup|waiting for global)/i, 'Lock'],
  [/^user sleep/i, 'Timeout'],
  [
    /^(writing to net|sending to client|reading from net|reading from client|receiving from client)/i,
    'Client',
  ],
  [/on disk$|^converting heap|^repair by|^waiting for .*io\b/i, 'IO'],
  [/^waiting (in queue|for query cache|on query cache)/i, 'LWLock'],
  [/^waiting/i, 'IPC'],
]

/** The class of an *active* session; `waitsForRow`: InnoDB has it wait for a lock, whatever the state says. */
export const waitClassOf = (state: string, waitsForRow: boolean, statement = ''): WaitClass => {
  if (waitsForRow) return 'Lock'
  // So that state reads in MariaDB's performance schema.
  if (state === '' && /^commit\b/i.test(statement)) return 'Commit'
  return CLASSES.find(([pattern]) => pattern.test(state))?.[1] ?? 'CPU'
}

/** By instrument, the first that fits; one that is not here, such as the wait for a table's rows, says less than the state. */
const INSTRUMENTS: [RegExp, WaitClass][] = [
  [/^io\/file\/(innodb\/innodb_log_file|sql\/binlog)/, 'Commit'],
  [/^io\/file\//, 'IO'],
  [/^synch\/(mutex|rwlock|sxlock)\//, 'LWLock'],
  [/^io\/socket\//, 'Client'],
]

/** The wait of the performance schema as Performance Insights names it, without the leading `wait/`. */
export function instrumentedWait(
  name: string | null | undefined,
): { waitClass: WaitClass; waitEvent: string } | undefined {
  const waitEvent = name?.replace(/^wait\//, '') ?? ''
  const waitClass = INSTRUMENTS.find(([pattern]) => pattern.test(waitEvent))?.[1]
  return waitClass && { waitClass, waitEvent }
}
