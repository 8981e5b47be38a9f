// Makes the programs runnable by the account that will own the cluster: links, modes, a copy where they are out of reach.
import { execFile } from 'node:child_process'
import { chmodSync, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '../../model/index.ts'
import type { Owner } from '../owner.ts'
import type { Binaries } from './binaries.ts'

const run = promisify(execFile)

/** Returns the folder of programs that `owner` can run; copies the package into `temp` when it has to. */
export const runnableBin = async (
  binaries: Binaries,
  owner: Owner | undefined,
  temp: string,
): Promise<string> => {
  const { packageDir } = binaries
  if (packageDir === undefined) return binaries.bin
  if (linked(packageDir) && (await runs(binaries.bin, owner))) return binaries.bin

  const copy = join(temp, 'package')
  await cp(packageDir, copy, { recursive: true, verbatimSymlinks: true })
  const bin = join(copy, 'native', 'bin')
  if (linked(copy) && (await runs(bin, owner))) return bin
  throw new AppError(
    'server-not-started',
    `the PostgreSQL ${binaries.major} programs in ${basename(dirname(packageDir))} do not run here`,
    'install PostgreSQL (Debian: apt-get install postgresql) so that its programs are on the PATH',
  )
}

/**
 * npm packages cannot hold symbolic links: an install script makes them, which `--ignore-scripts` skips.
 * False when the folder cannot be written.
 */
const linked = (packageDir: string): boolean => {
  const list = readFileSync(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8')
  const links = JSON.parse(list) as { source: string; target: string }[]
  try {
    for (const { source, target } of links) link(join(packageDir, source), join(packageDir, target))
    for (const name of ['postgres', 'initdb']) executable(join(packageDir, 'native', 'bin', name))
    return true
  } catch {
    return false
  }
}

const link = (source: string, target: string): void => {
  if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) return
  try {
    symlinkSync(relative(dirname(target), source), target)
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

const executable = (file: string): void => {
  if ((lstatSync(file).mode & 0o111) !== 0o111) chmodSync(file, 0o755)
}

const runs = async (bin: string, owner: Owner | undefined): Promise<boolean> => {
  try {
    for (const name of ['postgres', 'initdb']) {
      await run(join(bin, name), ['--version'], { ...owner, cwd: '/', timeout: 10_000 })
    }
    return true
  } catch {
    return false
  }
}
