// What was done on purpose: a journal for each run, kept in the state folder of the user.
import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { AppError, type JournalEntry } from '../model/index.ts'
import { codeOf, plain } from './bundle/refusal.ts'

const RUN = /^[a-z0-9-]{1,80}$/

/** `SPILLWAY_STATE`, or the place that XDG names. */
export const stateFolder = (env: NodeJS.ProcessEnv): string =>
  env.SPILLWAY_STATE || join(env.XDG_STATE_HOME || join(env.HOME ?? homedir(), '.local', 'state'), 'spillway')

export const journalPath = (folder: string, run: string): string => join(folder, 'run', `${run}.ndjson`)

export const lockPath = (folder: string, database: string): string =>
  join(folder, 'lock', `${encodeURIComponent(database).slice(0, 200)}.json`)

/** Newest first; a run is named by its plan and its time. */
export async function listRuns(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, 'run')).catch(() => [])
  const runs = names.filter(name => name.endsWith('.ndjson')).map(name => name.slice(0, -'.ndjson'.length))
  const time = (run: string) => run.slice(run.indexOf('-'))
  return runs.sort((a, b) => (time(a) < time(b) ? 1 : -1))
}

/** In order; half a line of a crash is left out, for what it announced was not done. Throws AppError `run-unknown`. */
export async function readRun(folder: string, run: string): Promise<JournalEntry[]> {
  if (!RUN.test(run)) throw unknown(run)
  const path = journalPath(folder, run)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') throw unknown(run)
    throw new AppError(
      'run-unknown',
      `${plain(path)} cannot be read (${codeOf(error)})`,
      'Is it yours?',
      error,
    )
  })
  return text.split('\n').flatMap(line => {
    try {
      const entry = JSON.parse(line) as JournalEntry & { t: string }
      return [{ ...entry, t: Date.parse(entry.t) }]
    } catch {
      return []
    }
  })
}

const unknown = (run: string): AppError =>
  new AppError('run-unknown', `there is no run ${plain(run)}`, 'spillway rollback without a run lists them.')
