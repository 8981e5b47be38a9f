// The journal of actions as an NDJSON file: an entry is on the disk before the action it announces is sent.
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError, type Journal, type JournalEntry } from '../model/index.ts'
import { codeOf, plain } from './bundle/refusal.ts'
import { makeFolder } from './folder.ts'

/**
 * A journal in the file at `path`, made with its folder when the first entry comes. Entries are written in the order
 * of the calls, one line each, `t` as ISO 8601 UTC. Each append ends with an fsync; it throws `file-unwritable`.
 */
export function fileJournal(path: string): Journal {
  let last: Promise<void> = Promise.resolve()
  return {
    append(entry) {
      const line = lineOf(entry)
      const done = last.then(() => appendLine(path, line))
      // One failed entry fails its own caller; those behind it have their own try.
      last = done.catch(() => {})
      return done
    },
  }
}

const lineOf = (entry: JournalEntry): string =>
  `${JSON.stringify({ ...entry, t: new Date(entry.t).toISOString() })}\n`

async function appendLine(path: string, line: string): Promise<void> {
  try {
    await makeFolder(dirname(path))
    const file = await open(path, 'a+', 0o600)
    try {
      const { size } = await file.stat()
      await file.appendFile((await endsInsideLine(file, size)) ? `\n${line}` : line)
      await file.sync()
      if (size === 0) await syncFolder(dirname(path))
    } finally {
      await file.close()
    }
  } catch (error) {
    throw new AppError(
      'file-unwritable',
      `The journal ${plain(path)} cannot be written (${codeOf(error)}).`,
      'Nothing is done without a journal: make its folder writable and see that the disk is not full.',
      error,
    )
  }
}

/** Whether a crash left half a line behind, which must not swallow the next one. */
async function endsInsideLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] !== 0x0a
}

/** A new file survives a power cut only when its folder is synced too. */
async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
