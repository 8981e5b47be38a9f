// A small file system of its own for a server, so that it can be full without anybody else noticing.
import { execFileSync } from 'node:child_process'
import { chownSync, closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../model/index.ts'
import type { Owner } from './owner.ts'

const MOUNT_MS = 5_000
const BLOCK = Buffer.alloc(64 * 1024)
/** More than any disk of the lab: an end to the writing in any case. */
const MOST_BLOCKS = 16_384

/** Throws AppError `server-not-started` where this process may not mount. */
export const mountSmall = (dir: string, megabytes: number, owner: Owner | undefined): void => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'spillway-lab', dir], {
      stdio: 'ignore',
      timeout: MOUNT_MS,
    })
    if (owner !== undefined) chownSync(dir, owner.uid, owner.gid)
  } catch (error) {
    throw new AppError('server-not-started', 'a small disk cannot be mounted', 'run it as root', error)
  }
}

/** Does nothing where nothing is mounted. */
export const unmount = (dir: string): void => {
  try {
    execFileSync('umount', ['--lazy', dir], { stdio: 'ignore', timeout: MOUNT_MS })
  } catch {
    // It was no mount.
  }
}

/** Writes until nothing more fits; returns the file that has to go. */
export const fill = (dir: string): string => {
  const path = join(dir, 'ballast')
  const file = openSync(path, 'w')
  try {
    for (let size = BLOCK.length, n = 0; size > 0 && n < MOST_BLOCKS; n++) {
      try {
        if (writeSync(file, BLOCK, 0, size) < size) break
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
        size = Math.floor(size / 2)
      }
    }
  } finally {
    closeSync(file)
  }
  return path
}
