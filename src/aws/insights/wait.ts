// Wait events as Performance Insights names them, in the nine common classes.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_WaitEvents.html
import type { EngineName, WaitClass } from '../../model/index.ts'

/** `name` with or without its type before a colon, and with or without MySQL's `wait/`. */
export const waitClassOf = (engine: EngineName | undefined, type: string, name: string): WaitClass =>
  engine === 'postgres'
    ? ofPostgres(type, name)
    : engine === undefined
      ? ofOthers(type, name)
      : ofMysql(type, name)

const POSTGRES: Record<string, WaitClass> = {
  CPU: 'CPU',
  IO: 'IO',
  Lock: 'Lock',
  LWLock: 'LWLock',
  BufferPin: 'LWLock',
  IPC: 'IPC',
  Client: 'Client',
  Timeout: 'Timeout',
}

/** The log on its way to storage; XactSync is Aurora's, which has no other log. */
const POSTGRES_COMMIT =
  /^(?:IO:(?:WAL(?:Write|Sync|InitWrite|InitSync)|XactSync)|LWLock:(?:WALWrite|WALWriteLock|WALInsert|wal_insert)|IPC:(?:SyncRep|XactGroupUpdate))$/i
const POSTGRES_BUFFER_IO = /^(?:IPC|LWLock):(?:BufferIO|buffer_io)$/i

function ofPostgres(type: string, name: string): WaitClass {
  const event = name.slice(name.indexOf(':') + 1)
  const native = `${type}:${event}`
  if (POSTGRES_COMMIT.test(native)) return 'Commit'
  if (POSTGRES_BUFFER_IO.test(native)) return 'IO'
  return POSTGRES[type] ?? 'Other'
}

/** First match wins. */
const MYSQL: readonly [RegExp, WaitClass][] = [
  [/^cpu$/i, 'CPU'],
  [/redo_log_flush|innodb_log_file|\bsync_binlog|file\/sql\/binlog|MYSQL_BIN_LOG|semisync/i, 'Commit'],
  [/row_lock_wait|metadata|MDL_context|^lock\/|user_level_lock|aurora_lock_thread_slot/i, 'Lock'],
  // The handler's time is that of the storage engine, which waits for pages, or works.
  [/^io\/(?:table|file|aurora)/i, 'IO'],
  [/^io\/socket|respond_to_client/i, 'Client'],
  [/^synch\//i, 'LWLock'],
  [/sleep/i, 'Timeout'],
  [/^io\//i, 'IO'],
]

function ofMysql(type: string, name: string): WaitClass {
  const event = name.replace(/^wait\//i, '')
  if (/aurora_respond_to_client/i.test(event)) return 'Client'
  return MYSQL.find(([pattern]) => pattern.test(event))?.[1] ?? (/^cpu$/i.test(type) ? 'CPU' : 'Other')
}

/** SQL Server and Oracle have classes of their own; only what every engine calls alike is kept. */
const ofOthers = (type: string, name: string): WaitClass => {
  if (/^cpu/i.test(name) || /^cpu$/i.test(type)) return 'CPU'
  if (/i\/o/i.test(type) || /^(?:PAGEIOLATCH|ASYNC_IO|IO_COMPLETION)/i.test(name)) return 'IO'
  if (/^commit$/i.test(type) || /^WRITELOG$/i.test(name)) return 'Commit'
  if (/^LCK_/.test(name) || /^enq: /.test(name)) return 'Lock'
  return 'Other'
}
