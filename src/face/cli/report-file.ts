// A report as a file of its own, to send to whoever asks in the morning.
import { writeFile } from 'node:fs/promises'
import { AppError } from '../../model/index.ts'

/** Readable by its owner alone: it names roles, hosts and tables. Throws AppError `file-exists`, `file-unwritable`. */
export const writeReport = (file: string, text: string): Promise<void> => write(file, text, 'wx')

/** In the place of the one before. Throws AppError `file-unwritable`. */
export const replaceReport = (file: string, text: string): Promise<void> => write(file, text, 'w')

async function write(file: string, text: string, flag: 'w' | 'wx'): Promise<void> {
  try {
    await writeFile(file, text, { flag, mode: 0o600 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST')
      throw new AppError(
        'file-exists',
        `${file} exists already.`,
        'Give another path, or move the old one away.',
      )
    const hint = 'Give a path in a folder that is yours and has room.'
    throw new AppError('file-unwritable', `The report ${file} cannot be written (${code}).`, hint, error)
  }
}
