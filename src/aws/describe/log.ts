// The server logs of an instance over the API, piece by piece. Each piece costs the instance a little: no more than is needed.
import type { Interval } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Database } from './database.ts'

/** Pieces of at most a megabyte. */
const MAX_PIECES = 40
const MAX_FILES = 12
const HOUR_MS = 3_600_000

/** The error log of each engine; what else lies there tells nothing of connections. */
const NAMED: Record<string, string> = { postgres: 'postgresql', mysql: 'error', mariadb: 'error' }

export interface LogPieces {
  pieces: AsyncIterable<Uint8Array>
  /** False once not all of the window was read. */
  whole(): boolean
}

/** Opens nothing before the first piece is asked for; then throws AppError. */
export function logPieces(
  account: Account,
  { id, engine }: Database,
  window: Interval,
  signal?: AbortSignal,
): LogPieces {
  let left = MAX_PIECES
  async function* pieces() {
    for (const name of await filesOf(account, id, NAMED[engine ?? ''] ?? 'error', window, signal)) {
      let marker: string | undefined = '0'
      while (marker !== undefined && left-- > 0) {
        const { data, next } = await portion(account, id, name, marker, signal)
        yield Buffer.from(data)
        marker = next
      }
    }
  }
  return { pieces: pieces(), whole: () => left >= 0 }
}

async function filesOf(
  account: Account,
  id: string,
  contains: string,
  { from, to }: Interval,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const { DescribeDBLogFilesCommand } = await import('@aws-sdk/client-rds')
  const names: string[] = []
  let Marker: string | undefined
  do {
    const command = new DescribeDBLogFilesCommand({
      DBInstanceIdentifier: id,
      FilenameContains: contains,
      FileLastWritten: from,
      MaxRecords: 100,
      Marker,
    })
    const answer = await account.call('rds:DescribeDBLogFiles', (rds, o) => rds.send(command, o), signal)
    names.push(...(answer.DescribeDBLogFiles ?? []).flatMap(({ LogFileName }) => LogFileName ?? []))
    Marker = answer.Marker
  } while (Marker && names.length < 1_000)
  return names
    .filter(name => beginOf(name) < to)
    .sort()
    .slice(-MAX_FILES)
}

/** PostgreSQL's files are named by the hour, or the minute, in which they begin. */
function beginOf(name: string): number {
  const [, day, hour, minute = '00'] = /\.(\d{4}-\d\d-\d\d)-(\d\d)(\d\d)?/.exec(name) ?? []
  return day === undefined
    ? Number.NEGATIVE_INFINITY
    : Date.parse(`${day}T${hour}:${minute}:00Z`) - HOUR_MS / 60
}

async function portion(
  account: Account,
  id: string,
  LogFileName: string,
  Marker: string,
  signal?: AbortSignal,
) {
  const { DownloadDBLogFilePortionCommand } = await import('@aws-sdk/client-rds')
  const command = new DownloadDBLogFilePortionCommand({ DBInstanceIdentifier: id, LogFileName, Marker })
  const answer = await account.call('rds:DownloadDBLogFilePortion', (rds, o) => rds.send(command, o), signal)
  return { data: answer.LogFileData ?? '', next: answer.AdditionalDataPending ? answer.Marker : undefined }
}
