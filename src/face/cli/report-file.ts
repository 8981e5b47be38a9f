// The report as a file of its own, to send to whoever asks in the morning.
import { writeFile } from 'node:fs/promises'
import { AppError } from '../../model/index.ts'
import { type ReportInput, renderReport } from '../report/index.ts'

/** Readable by its owner alone: it names roles, hosts and tables. Throws AppError `file-exists`, `file-unwritable`. */
export async function writeReport(file: string, input: ReportInput): Promise<void> {
  try {
    await writeFile(file, renderReport(input), { flag: 'wx', mode: 0o600 })
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
