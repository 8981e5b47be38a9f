// Reads evidence from a bundle on disk, whichever way it is packed.
import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { AppError, type Evidence } from '../../model/index.ts'
import { readArchive } from './archive.ts'
import { decode } from './codec.ts'
import { readFolder } from './folder.ts'
import { codeOf, plain, unreadable } from './refusal.ts'

/**
 * The evidence in the folder or .tar.gz at `path`; what a file is, its content says. Stretches of a tick or more
 * without one come back as empty ticks. Throws AppError `bundle-missing`, `bundle-unreadable`, `bundle-schema`,
 * `bundle-invalid`, `bundle-hostile`, and nothing else.
 */
export async function readBundle(path: string): Promise<Evidence> {
  const stats = await look(path)
  if (stats.isDirectory()) return decode(await readFolder(path))
  if (stats.isFile()) return decode(await readArchive(path))
  throw unreadable(plain(path), 'is neither a folder nor a file')
}

async function look(path: string): Promise<Stats> {
  try {
    return await stat(path)
  } catch (error) {
    const code = codeOf(error)
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      throw unreadable(plain(path), `cannot be read (${code})`, error)
    throw new AppError(
      'bundle-missing',
      `There is no evidence bundle at ${plain(path)}.`,
      'Give the path of a folder or a .tar.gz that `spillway record` has written.',
      error,
    )
  }
}
