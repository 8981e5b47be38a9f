// The files of a log: the one that was named, or those of a folder in the order they were written.
import type { Stats } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { AppError } from '../model/index.ts'

export interface LogFile {
  path: string
  modifiedAt: number
}

/** The server writes the same entries in as many formats as it is told: only the one that says most is read. */
const FORMATS = ['.json', '.csv', '.log', '.err']
const MAX_FILES = 10_000
/** A format whose latest file is older than the latest of all by more than this, milliseconds, was switched off. */
const SAME_TIME_MS = 60_000

/** Oldest first. Throws AppError `log-unreadable`. */
export const logFiles = async (path: string): Promise<LogFile[]> => {
  const found = await statOf(path)
  if (found.isFile()) return [{ path, modifiedAt: found.mtimeMs }]
  if (!found.isDirectory()) throw unreadable(path, 'neither a file nor a folder', undefined)
  const names = (await readdir(path).catch(error => refuse(path, error))).slice(0, MAX_FILES)
  const files: LogFile[] = []
  for (const name of names.filter(one => FORMATS.includes(extname(one)))) {
    const file = await stat(join(path, name)).catch(() => undefined)
    if (file?.isFile()) files.push({ path: join(path, name), modifiedAt: file.mtimeMs })
  }
  files.sort((a, b) => a.modifiedAt - b.modifiedAt || (a.path < b.path ? -1 : 1))
  const latest = files.at(-1)
  if (!latest) throw unreadable(path, `no file in it ends in ${FORMATS.join(', ')}`, undefined)
  const isCurrent = (ending: string) =>
    files.some(file => extname(file.path) === ending && file.modifiedAt >= latest.modifiedAt - SAME_TIME_MS)
  const format = FORMATS.find(isCurrent)
  return files.filter(file => extname(file.path) === format)
}

/** Throws AppError `log-unreadable`. */
export const openLog = async (path: string): Promise<FileHandle> => {
  try {
    return await open(path, 'r')
  } catch (error) {
    return refuse(path, error)
  }
}

const statOf = (path: string): Promise<Stats> => stat(path).catch(error => refuse(path, error))

const WORDS: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'not permitted to read it',
  EPERM: 'not permitted to read it',
}

const refuse = (path: string, error: unknown): never => {
  const { code = '' } = error as { code?: string }
  throw unreadable(path, WORDS[code] ?? `it cannot be read (${code})`, error)
}

export const unreadable = (path: string, why: string, cause: unknown): AppError =>
  new AppError(
    'log-unreadable',
    `${path}: ${why}`,
    "name a log of the PostgreSQL server (its text, csvlog or jsonlog file, or the folder of them), PgBouncer's file, or the error log of MySQL or MariaDB; with --application-log that of an application",
    cause,
  )
