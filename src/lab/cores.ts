// Which cores of this machine a server may use: what a smaller or larger instance would have.
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { AppError } from '../model/index.ts'

/** Of the process, its threads, and its children as they are now; later ones inherit it. Throws AppError `binaries-missing`. */
export const restrictTo = async (cores: number, pid: number, first = 0): Promise<void> => {
  const list = `${first}-${first + cores - 1}`
  for (const one of [pid, ...(await childrenOf(pid))]) {
    await promisify(execFile)('taskset', ['-a', '-p', '-c', list, String(one)]).catch((error: unknown) => {
      // A child that has ended meanwhile needs no core.
      if (one !== pid) return
      throw new AppError(
        'binaries-missing',
        'the cores of the server cannot be chosen here',
        'It takes Linux and taskset (Debian: apt-get install util-linux).',
        error,
      )
    })
  }
}

const childrenOf = async (pid: number): Promise<number[]> => {
  const all = (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name))
  const parents = await Promise.all(all.map(async name => [Number(name), await parentOf(name)] as const))
  return parents.flatMap(([child, parent]) => (parent === pid ? child : []))
}

/** The fourth field of `stat`; the second, the name in brackets, may hold anything. */
const parentOf = async (name: string): Promise<number> => {
  const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}
