// All runs of a user, as their journals tell them: which of them did not end.
import { AppError, type AppliedOutcome, type JournalEntry } from '../model/index.ts'
import { type Beginning, historyOf } from './history.ts'

/** Where journals are kept. */
export interface Journals {
  /** Newest first. */
  list(): Promise<string[]>
  read(run: string): Promise<JournalEntry[]>
}

interface KnownRun {
  run: string
  beginning: Beginning
  ended?: AppliedOutcome
}

/** For people, newest first. Throws AppError. */
export const listed = async (
  journals: Journals,
): Promise<{ run: string; target: string; title: string; ended?: AppliedOutcome }[]> =>
  (await allRuns(journals)).map(({ run, beginning: { target, title }, ended }) => ({
    run,
    target,
    title,
    ...(ended && { ended }),
  }))

/** Newest first. */
async function allRuns({ list, read }: Journals): Promise<KnownRun[]> {
  const all: KnownRun[] = []
  for (const run of await list()) {
    const entries = await read(run)
    // Killed before it began: nothing was sent.
    if (!entries.some(({ event }) => event === 'begin')) continue
    const { beginning, ended } = historyOf(entries)
    all.push({ run, beginning, ...(ended ? { ended } : {}) })
  }
  return all
}

/** The run of this plan that did not end. */
export const unfinishedOf = async (journals: Journals, hash: string): Promise<KnownRun | undefined> =>
  (await allRuns(journals)).find(({ beginning, ended }) => beginning.hash === hash && ended === undefined)

/** Half of another plan under this one would be nobody's. Throws AppError `locked`. */
export async function refuseUnfinished(journals: Journals, target: string): Promise<void> {
  const found = (await allRuns(journals)).find(
    one => one.ended === undefined && one.beginning.target === target,
  )
  if (found)
    throw new AppError(
      'locked',
      `run ${found.run} on ${target} did not end: ${found.beginning.title}`,
      `Go on with its plan, or take it back: spillway rollback ${found.run}`,
    )
}
