// The server log of an instance, file by file and piece by piece. Each piece costs the instance a little: no more than is needed.
import type { Interval } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Database } from './database.ts'

export interface LogQuestion {
  account: Account
  database: Database
  /** `postgresql` or `error`. */
  log: string
  window: Interval
  signal: AbortSignal | undefined
}

const MAX_FILES = 12
const HOUR_MS = 3_600_000

/** Pieces of at most a megabyte, in order of time. Throws AppError. */
export async function* filePieces({ account, database: { id }, log, window, signal }: LogQuestion) {
  for (const name of await filesOf(account, id, log, window, signal)) {
    let marker: string | undefined = '0'
    while (marker !== undefined) {
      const { data, next }: Portion = await portion(account, id, name, marker, signal)
      yield data
      marker = next
    }
  }
}

interface Portion {
  data: string
  next: string | undefined
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
  signal: AbortSignal | undefined,
): Promise<Portion> {
  const { DownloadDBLogFilePortionCommand } = await import('@aws-sdk/client-rds')
  const command = new DownloadDBLogFilePortionCommand({ DBInstanceIdentifier: id, LogFileName, Marker })
  const answer = await account.call('rds:DownloadDBLogFilePortion', (rds, o) => rds.send(command, o), signal)
  return { data: answer.LogFileData ?? '', next: answer.AdditionalDataPending ? answer.Marker : undefined }
}
