// One plan at a time for each database: a file that says who works on it, since when, and for which run.
import { link, mkdtemp, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { AppError } from '../model/index.ts'
import { codeOf, plain } from './bundle/refusal.ts'
import { makeFolder } from './folder.ts'

interface Owner {
  who: string
  host: string
  pid: number
  run: string
  /** ISO 8601. */
  since: string
}

interface Lock {
  release(): Promise<void>
}

/** Who asks, for the journal and the lock. */
export const whoami = (): string => `${nameOf()}@${hostname()}`

const nameOf = (): string => {
  try {
    return userInfo().username
  } catch {
    return 'somebody' // a user id without a name, as containers have them
  }
}

/** Takes over what a process of this machine left behind when it was ended. Throws AppError `locked`. */
export async function takeLock(path: string, run: string, now: number): Promise<Lock> {
  const own: Owner = {
    who: whoami(),
    host: hostname(),
    pid: process.pid,
    run,
    since: new Date(now).toISOString(),
  }
  try {
    await makeFolder(dirname(path))
    for (let tries = 0; tries < 3; tries++) {
      if (await create(path, own)) return { release: () => release(path, own) }
      const owner = await read(path)
      if (owner && (owner.host !== own.host || isAlive(owner.pid))) throw held(path, owner, now)
      await stepOver(path, owner)
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError(
      'file-unwritable',
      `The lock ${plain(path)} cannot be written (${codeOf(error)}).`,
      'Make its folder writable, or set SPILLWAY_STATE.',
      error,
    )
  }
  throw held(path, (await read(path)) ?? own, now)
}

/** Whole or not at all: a link appears with its content. */
async function create(path: string, own: Owner): Promise<boolean> {
  const folder = await mkdtemp(join(dirname(path), '.lock-'))
  try {
    const draft = join(folder, 'lock')
    await writeFile(draft, `${JSON.stringify(own)}\n`, { mode: 0o600 })
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const read = async (path: string): Promise<Owner | undefined> => {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Owner
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Moved first and looked at again: another one may have taken it over meanwhile. */
async function stepOver(path: string, stale: Owner | undefined): Promise<void> {
  const aside = `${path}.${process.pid}`
  try {
    await rename(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const moved = await read(aside)
  if (moved?.pid !== stale?.pid) await link(aside, path).catch(() => undefined) // a third one has it: theirs counts
  await unlink(aside)
}

async function release(path: string, own: Owner): Promise<void> {
  const owner = await read(path)
  if (owner?.pid === own.pid && owner.run === own.run) await rm(path, { force: true })
}

function held(path: string, { who, pid, run, since }: Owner, now: number): AppError {
  const minutes = Math.max(0, Math.round((now - Date.parse(since)) / 60_000))
  return new AppError(
    'locked',
    `${who} has been changing this database for ${minutes} min (process ${pid}, run ${run})`,
    `Wait for it. If it is gone for good: rm ${plain(path)}`,
  )
}
