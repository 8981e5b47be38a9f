// Writes evidence as a bundle: whole or not at all, and for nobody's eyes but the owner's.
import { randomUUID } from 'node:crypto'
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { AppError, type Evidence } from '../../model/index.ts'
import { makeFolder } from '../folder.ts'
import { packArchive } from './archive.ts'
import { encode } from './codec.ts'
import type { Files } from './files.ts'
import { codeOf, plain } from './refusal.ts'

/**
 * Writes an archive when `path` ends in .tar.gz or .tgz, else a folder, and returns the files it wrote. The folder
 * around it is made where it is missing. Throws AppError `file-exists` (an empty folder may exist), `file-unwritable`.
 */
export async function writeBundle(path: string, evidence: Evidence): Promise<string[]> {
  const isArchive = isArchivePath(path)
  const files = encode(evidence)
  const target = resolve(path)
  const draft = join(dirname(target), `.${basename(target)}.${randomUUID()}`)
  try {
    await refuseExisting(path)
    await makeFolder(dirname(target))
    await (isArchive ? writeFile(draft, await packArchive(files)) : writeFolder(draft, files))
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => {})
    throw error instanceof AppError ? error : unwritable(path, error)
  }
  return isArchive ? [path] : [...files.keys()].map(name => join(path, name))
}

const isArchivePath = (path: string): boolean => /\.(tar\.gz|tgz)$/i.test(path)

/** To be asked before a minute is spent on what could not be kept. Throws AppError `file-exists`, `file-unwritable`. */
export async function refuseExisting(path: string): Promise<void> {
  const target = resolve(path)
  const stats = await lstat(target).catch(error => {
    if (error.code === 'ENOENT') return undefined
    throw unwritable(path, error)
  })
  if (!stats || (!isArchivePath(path) && stats.isDirectory() && (await readdir(target)).length === 0)) return
  throw new AppError(
    'file-exists',
    `${plain(target)} exists already.`,
    'Give another path, or move the old one away.',
  )
}

async function writeFolder(folder: string, files: Files): Promise<void> {
  await mkdir(folder, { mode: 0o700 })
  for (const [name, bytes] of files) await writeFile(join(folder, name), bytes)
}

/** On the disk before it gets its name: a crash must not leave an empty file that looks like a bundle. */
async function writeFile(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

const unwritable = (path: string, error: unknown): AppError =>
  new AppError(
    'file-unwritable',
    `The bundle ${plain(path)} cannot be written (${codeOf(error)}).`,
    'Give a path in a folder that is yours and has room.',
    error,
  )
