// Makes a folder and those above it.
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Does nothing where the folder exists. Rejects with the errno of the folder that cannot be made. Node's own `recursive`
 * asks for ever where a parent exists but takes no children (/proc says ENOENT).
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    await mkdir(path, { mode: 0o700 })
  }
}
