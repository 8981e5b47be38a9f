// A bundle as a folder.
import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FILES, type FileName, type Files, MAX_FILE_BYTES, MAX_TOTAL_BYTES } from './files.ts'
import { codeOf, hostile, plain, unreadable } from './refusal.ts'

/** Reads the files of a bundle and no others. Throws `bundle-unreadable`, `bundle-hostile`. */
export async function readFolder(path: string): Promise<Files> {
  const files: Files = new Map()
  let total = 0
  for (const name of FILES) {
    const size = await sizeOf(path, name)
    if (size === undefined) continue
    total += size
    if (size > MAX_FILE_BYTES) throw hostile(name, `has more than ${MAX_FILE_BYTES} bytes`)
    if (total > MAX_TOTAL_BYTES) throw hostile(plain(path), `holds more than ${MAX_TOTAL_BYTES} bytes`)
    files.set(name, await attempt(name, readFile(join(path, name))))
  }
  return files
}

/** Bytes of the file, undefined when it is absent. A link could lead anywhere, a pipe never ends. */
async function sizeOf(folder: string, name: FileName): Promise<number | undefined> {
  const stats = await attempt(
    name,
    lstat(join(folder, name)).catch(error => {
      if (error.code === 'ENOENT') return undefined
      throw error
    }),
  )
  if (stats && !stats.isFile()) throw hostile(name, 'is not a plain file')
  return stats?.size
}

async function attempt<T>(name: FileName, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw unreadable(name, `cannot be read (${codeOf(error)})`, error)
  }
}
